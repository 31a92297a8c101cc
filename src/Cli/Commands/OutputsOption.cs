using System.CommandLine;

namespace AdaptCluster.Cli.Commands;

/// <summary>Whether the outputs of a task are adapted together: a part of the prior.</summary>
internal static class OutputsOption
{
    private const string Together = "together";
    private const string Independent = "independent";

    public static Option<string> Create() => new("--outputs")
    {
        Description = "together: one change of the parameters for all outputs; independent: one for each, for networks with many outputs.",
        DefaultValueFactory = _ => Together,
    };

    public static bool IsIndependent(CommandContext context, Option<string> option) => context.OneOf(option, Together, Independent) == Independent;
}
