using System.CommandLine;
using System.Globalization;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Cli.Commands;

/// <summary>The option --rank: how many directions are learned beside the scales.</summary>
internal static class RankOption
{
    private const string Auto = "auto";

    public static Option<string> Create() => new("--rank")
    {
        Description = "How many directions are learned beside the scales, with a shift: a number, or auto for what explains held-out tasks best.",
        DefaultValueFactory = _ => "0",
    };

    /// <summary>The number; null for what held-out tasks decide.</summary>
    /// <exception cref="InvalidInputException">It is neither.</exception>
    public static int? Read(CommandContext context, Option<string> option)
    {
        string text = context.Get(option);
        return text == Auto ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int rank) ? rank
            : throw new InvalidInputException(option.Name, $"it is '{text}'", "give a number of at least 0, or auto");
    }
}
