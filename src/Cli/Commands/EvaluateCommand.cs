using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Evaluation;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt evaluate</c>: how well the tasks predict rows whose targets are known.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "The source." };
        var data = new DataOptions();
        var command = new Command("evaluate", "Scores predictions on rows whose targets are known: adapted, and source only.") { source };
        data.AddTo(command, target: true, minRows: false);
        command.SetAction(context => RunAsync(context, context.Get(source), data));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, string name, DataOptions data)
    {
        await using LabelledInput input = await LabelledInput.OpenAsync(context, name, data);
        IReadOnlyList<LabelledGroup> tasks = input.Tasks;
        TaskGroup[] groups = [.. tasks.Select(task => task.Group)];
        Prediction[] predictions = await TaskPredictions.RunAsync(context, input.Source, input.Table, groups, index => tasks[index].Rows.Inputs);
        var adapted = new TaskScores();
        var sourceOnly = new TaskScores();
        for (int i = 0; i < groups.Length; i++)
        {
            Client.Data.Rows observed = tasks[i].Rows.Targets;
            Prediction prediction = predictions[i];
            for (int row = 0; row < observed.Count; row++)
            {
                for (int output = 0; output < observed.Width; output++)
                {
                    double deviation = prediction.StandardDeviation(row, output);
                    adapted.Add(observed[row][output], prediction.Mean[row][output], deviation * deviation);
                    sourceOnly.Add(observed[row][output], prediction.SourceMean[row][output], prediction.SourceNoiseVariance[output]);
                }
            }

            adapted.EndTask(groups[i].Task);
            sourceOnly.EndTask(groups[i].Task);
        }

        Report(context.Output, name, input.Table.RowCount, adapted, sourceOnly);
        return CommandAction.Done;
    }

    private static void Report(CommandOutput output, string source, int rows, TaskScores adapted, TaskScores sourceOnly)
    {
        output.Document(new
        {
            source,
            tasks = adapted.Tasks.Count,
            rows,
            adapted = Json(adapted.OverTasks),
            sourceOnly = Json(sourceOnly.OverTasks),
            overRows = new { adapted = Json(adapted.OverRows), sourceOnly = Json(sourceOnly.OverRows) },
            perTask = adapted.Tasks.Zip(sourceOnly.Tasks, (a, s) => new { task = a.Task, adapted = Json(a.Scores), sourceOnly = Json(s.Scores) }),
        });
        Spectre.Console.Table table = TextTable.Create("method", "mean over", ">MSE", ">neg. log density", ">95% coverage");
        Add("adapted", "tasks", adapted.OverTasks);
        Add("source only", "tasks", sourceOnly.OverTasks);
        Add("adapted", "rows", adapted.OverRows);
        Add("source only", "rows", sourceOnly.OverRows);
        output.Line($"{adapted.Tasks.Count:N0} tasks, {rows:N0} rows, in the target's own units");
        output.Table(table);

        void Add(string method, string over, FitScores scores) => table.Add(
            method,
            over,
            scores.MeanSquaredError.ToString("G5"),
            scores.MeanNegativeLogDensity.ToString("0.0000"),
            scores.Coverage95.ToString("P1"));
    }

    private static object Json(FitScores scores) =>
        new { mse = scores.MeanSquaredError, nlpd = scores.MeanNegativeLogDensity, coverage95 = scores.Coverage95 };
}
