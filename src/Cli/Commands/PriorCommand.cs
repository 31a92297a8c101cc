using System.CommandLine;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt prior</c>: what a new task of a source looks like.</summary>
internal static class PriorCommand
{
    public static Command Create() => new("prior", "What a source's new tasks look like before they have data.")
    {
        PriorFitCommand.Create(),
        PriorSetCommand.Create(),
        PriorCancelCommand.Create(),
        PriorShowCommand.Create(),
    };
}
