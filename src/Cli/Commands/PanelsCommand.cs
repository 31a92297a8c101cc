using System.CommandLine;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt panels</c>: many targets that share their inputs.</summary>
internal static class PanelsCommand
{
    public static Command Create() => new("panels", "Panels: inputs that many targets share, solved together.")
    {
        PanelsAdaptCommand.Create(),
        PanelsPredictCommand.Create(),
        PanelsShowCommand.Create(),
        PanelsDeleteCommand.Create(),
    };

    public static Argument<string> Source() => new("source") { Description = "The source that the targets adapt." };

    public static Argument<string> Panel() => new("panel") { Description = "The panel." };

    /// <summary>"1 target", "7 targets".</summary>
    public static string Count(int targets) => $"{targets:N0} target{(targets == 1 ? string.Empty : "s")}";
}
