using System.CommandLine;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client.Backups;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt backup</c>.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "The folder that is created." };
        var command = new Command("backup", "Copies everything that lasts, of all tenants, into a new folder; the cluster goes on.") { folder };
        command.SetAction(async context =>
        {
            await using ClusterSession session = await context.OpenAsync();
            BackupSummary done = await session.Client.BackupAsync(context.Get(folder), null, context.CancellationToken);
            context.Output.Document(done);
            context.Output.Line($"backed up {done.Records:N0} records and {done.Files:N0} files, {done.Bytes / 1e6:N1} MB");
            return CommandAction.Done;
        });
        return command;
    }
}
