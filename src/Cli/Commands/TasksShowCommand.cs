using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Tasks;
using Spectre.Console;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt tasks show</c>.</summary>
internal static class TasksShowCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("task") { Description = "The task." };
        Option<string?> source = TasksCommand.SourceOption();
        var diagnose = new Option<bool>("--diagnose")
        {
            Description = "Also examine the posterior: gain and calibration, what the linearisation leaves out, the kernel's spectrum, likeness to the source's rows.",
        };
        var command = new Command("show", "Describes a task.") { name, source, diagnose };
        command.SetAction(async context =>
        {
            await using ClusterSession session = await context.OpenAsync();
            TaskHandle handle = await TasksCommand.FindAsync(context, session, context.Get(name), context.Find(source));
            TaskDescription task = await handle.DescribeAsync(context.CancellationToken);
            TaskDiagnosis? diagnosis = context.Get(diagnose) ? await handle.DiagnoseAsync(context.CancellationToken) : null;
            context.Output.Document(diagnosis is null ? task : new { Task = task, Diagnosis = diagnosis });
            Write(context.Output, task);
            if (diagnosis is not null)
            {
                DiagnosisText.Write(context.Output, diagnosis);
            }

            return CommandAction.Done;
        });
        return command;
    }

    private static void Write(CommandOutput output, TaskDescription task)
    {
        output.Line($"task       {task.Name} of source {task.Source}");
        output.Line($"status     {task.Status}{(task.Failure is null ? string.Empty : $": {task.Failure}")}");
        output.Line($"rows       {task.Observations:N0}");
        if (task.Posterior is not { } posterior)
        {
            return;
        }

        output.Line($"posterior  version {posterior.Version} of {posterior.Computed:u}, {posterior.Observations:N0} rows, prior version {posterior.PriorVersion}, "
            + $"{(posterior.Exact ? "exact" : "approximate")} in {posterior.Space} space, {posterior.DeviceMilliseconds:0.0} ms");
        output.Line($"evidence   {posterior.LogEvidence:0.000} nats; effective dimension {posterior.EffectiveDimension:0.0}");
        if (posterior is { NoiseFactor: { } noise, ScaleFactor: { } scale })
        {
            output.Line($"own        noise variance {noise:G3} times the fleet's, scales {scale:G3} times");
        }

        Table table = TextTable.Create("leave-one-out", ">MSE", ">neg. log density", ">95% coverage");
        Add("adapted", posterior.LeaveOneOut);
        Add("source only", posterior.SourceOnly);
        output.Table(table);

        void Add(string method, FitScores scores) => table.Add(
            method, scores.MeanSquaredError.ToString("G5"), scores.MeanNegativeLogDensity.ToString("0.0000"), scores.Coverage95.ToString("P1"));
    }
}
