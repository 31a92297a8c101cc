using AdaptCluster.Cli.Commands;
using AdaptCluster.Cli.Figures;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Grains.Interfaces.Errors;
using Spectre.Console;
using Table = Spectre.Console.Table;

namespace AdaptCluster.Cli.Demo.Digits;

/// <summary>The experiment from start to end: a silo of its own, one figure, one table, one report.</summary>
internal static class DigitRun
{
    public static async Task<int> RunAsync(CommandContext context, string path, int seed)
    {
        var seconds = new DemoSeconds();
        DigitData data = await DigitData.ReadAsync(DigitData.ShippedImages, seed, context.CancellationToken);
        string network = await ReadNetworkAsync(context.CancellationToken);
        DemoFolder folder = DemoFolder.Prepare(path, "digits.png", "digits.json");
        var session = new SessionOptions("embedded", folder.Data, "demo", context.Parse.GetValue(GlobalOptions.ConsoleTelemetry));
        await using ClusterSession cluster = await ClusterSession.OpenAsync(session, context.CancellationToken);
        folder.Claim();
        var stage = new DemoStage(cluster.Client, context.Output, seconds, seed, context.CancellationToken);
        (int parameters, int ofLast, IReadOnlyList<DigitResult> results) = await new DigitAct(stage, data, network).RunAsync();
        await LearningCurveFigure.SaveErrorsAsync(
            folder.File("digits.png"),
            [.. results.GroupBy(result => result.Family).Select(family => ($"{family.Key} digits", Curves(family)))],
            "°²");
        var report = new DigitReport(seed, parameters, ofLast, results, seconds.ToReport());
        await ReplacedFile.WriteAsync(folder.File("digits.json"), async stream =>
        {
            await using var writer = new StreamWriter(stream, leaveOpen: true);
            await writer.WriteLineAsync(CommandOutput.ToJson(report));
        });
        context.Output.Line($"The angle of digits that neither network nor prior has seen, {parameters:N0} parameters ({ofLast} in the last layer), mean over tasks");
        context.Output.Table(ToTable(results));
        context.Output.Document(report);
        context.Output.Line($"wrote {folder.File("digits.png")} and {folder.File("digits.json")} in {report.Seconds["total"]:0} s");
        return CommandAction.Done;
    }

    private static async Task<string> ReadNetworkAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(DigitData.ShippedNetwork, cancellationToken);
        }
        catch (IOException error)
        {
            throw new InvalidInputException($"'{DigitData.ShippedNetwork}'", error.Message.TrimEnd('.'), "install the program again");
        }
    }

    private static LearningCurve[] Curves(IEnumerable<DigitResult> results) =>
    [
        .. results.GroupBy(result => result.Method).Select(method => new LearningCurve(
            method.Key,
            [.. method.Select(result => (double)result.K)],
            [.. method.Select(result => result.Mse)],
            [.. method.Select(result => result.Nlpd)])),
    ];

    private static Table ToTable(IReadOnlyList<DigitResult> results)
    {
        Table table = TextTable.Create("digits", ">labelled", "method", ">RMSE (°)", ">neg. log density", ">95% coverage");
        foreach (DigitResult result in results.OrderBy(result => result.Family).ThenBy(result => result.K).ThenBy(result => result.Method))
        {
            bool first = result.Method == LearningCurveMethod.None;
            table.Add(
                first ? result.Family.ToString().ToLowerInvariant() : "",
                first ? $"{result.K}" : "",
                LearningCurveFigure.NameOf(result.Method),
                $"{Math.Sqrt(result.Mse):0.00}",
                $"{result.Nlpd:0.000}",
                $"{result.Coverage95:P1}");
        }

        return table;
    }
}
