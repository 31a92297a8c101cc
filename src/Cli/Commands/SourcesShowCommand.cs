using System.CommandLine;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt sources show</c>.</summary>
internal static class SourcesShowCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The source." };
        var diagnose = new Option<int?>("--diagnose")
        {
            Description = "Also examine so many of its tasks: gain and calibration, what the linearisation leaves out, likeness to the source's rows.",
        };
        var command = new Command("show", "Describes a source.") { name, diagnose };
        command.SetAction(async context =>
        {
            await using ClusterSession session = await context.OpenAsync();
            SourceHandle handle = session.Client.Source(context.Get(name));
            SourceDescription source = await handle.DescribeAsync(context.CancellationToken);
            if (context.Find(diagnose) is not { } tasks)
            {
                context.Output.Document(source);
                SourceText.Write(context.Output, source);
                return CommandAction.Done;
            }

            Dictionary<string, TaskDiagnosis> found = await DiagnoseAsync(context, handle, tasks);
            context.Output.Document(new { Source = source, Tasks = found });
            SourceText.Write(context.Output, source);
            DiagnosisText.Write(context.Output, [.. found.Values]);
            return CommandAction.Done;
        });
        return command;
    }

    private static async Task<Dictionary<string, TaskDiagnosis>> DiagnoseAsync(CommandContext context, SourceHandle source, int tasks)
    {
        if (tasks < 1)
        {
            throw new InvalidInputException("--diagnose", $"it is {tasks}", "give the number of tasks to examine, at least 1");
        }

        var found = new Dictionary<string, TaskDiagnosis>(StringComparer.Ordinal);
        await foreach ((string task, TaskDiagnosis diagnosis) in source.DiagnoseAsync(tasks, context.CancellationToken))
        {
            found.Add(task, diagnosis);
        }

        return found.Count > 0
            ? found
            : throw new NotFoundException("adapted task of source", source.Key.Source, "adapt tasks first: 'adapt tasks adapt --help'");
    }
}
