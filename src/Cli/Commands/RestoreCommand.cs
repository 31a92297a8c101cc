using System.CommandLine;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client.Backups;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt restore</c>.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "What 'adapt backup' wrote." };
        var command = new Command("restore", "Fills an empty cluster from a backup.") { folder };
        command.SetAction(async context =>
        {
            await using ClusterSession session = await context.OpenAsync();
            BackupSummary done = await session.Client.RestoreAsync(context.Get(folder), null, context.CancellationToken);
            context.Output.Document(done);
            context.Output.Line($"restored {done.Records:N0} records and {done.Files:N0} files, {done.Bytes / 1e6:N1} MB");
            return CommandAction.Done;
        });
        return command;
    }
}
