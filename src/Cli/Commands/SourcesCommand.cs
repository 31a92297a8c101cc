using System.CommandLine;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt sources</c>: the trained networks.</summary>
internal static class SourcesCommand
{
    public static Command Create() => new("sources", "Trained networks, which tasks are adapted from.")
    {
        SourcesTrainCommand.Create(),
        SourcesImportCommand.Create(),
        SourcesExportCommand.Create(),
        SourcesListCommand.Create(),
        SourcesShowCommand.Create(),
    };
}
