using AdaptCluster.Cli.Commands;
using AdaptCluster.Cli.Figures;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Cli.Tables;

namespace AdaptCluster.Cli.Demo;

/// <summary>
/// The demo from start to end: a silo of its own, two acts through the client, two figures, two tables, one report.
/// </summary>
internal static class DemoRun
{
    private const string Tenant = "demo";
    private const string SinusoidsFile = "sinusoids.png";
    private const string AirportsFile = "airports.png";
    private const string ReportFile = "report.json";

    public static async Task<int> RunAsync(CommandContext context, DemoOptions options)
    {
        var seconds = new DemoSeconds();
        AirportFleet fleet = await seconds.MeasureAsync(
            "read", () => AirportFleet.ReadAsync(options.Flights, options.Seed, context.CancellationToken));
        DemoFolder folder = DemoFolder.Prepare(options.Folder, SinusoidsFile, AirportsFile, ReportFile);
        var session = new SessionOptions("embedded", folder.Data, Tenant, context.Parse.GetValue(GlobalOptions.ConsoleTelemetry));
        await using ClusterSession cluster = await seconds.MeasureAsync("start", () => ClusterSession.OpenAsync(session, context.CancellationToken));
        folder.Claim();
        var stage = new DemoStage(cluster.Client, context.Output, seconds, options.Seed, context.CancellationToken);

        (SinusoidScore sinusoids, IReadOnlyList<SinusoidPanel> panels) = await new SinusoidAct(stage).RunAsync();
        await SinusoidsFigure.SaveAsync(folder.File(SinusoidsFile), panels);
        AirportOutcome airports = await new AirportAct(stage, fleet).RunAsync();
        await LearningCurveFigure.SaveAsync(folder.File(AirportsFile), Curves(airports.Curve), "min²");

        var report = new DemoReport
        {
            Seed = options.Seed,
            Processors = Environment.ProcessorCount,
            Sinusoids = sinusoids,
            Airports = airports.Results,
            AirportCurve = airports.Curve,
            AirportAdaptations = airports.Speeds,
            Seconds = seconds.ToReport(),
        };
        await WriteAsync(folder.File(ReportFile), report);
        DemoTables.Write(context.Output, report);
        context.Output.Document(report);
        context.Output.Line($"wrote {folder.File(SinusoidsFile)}, {folder.File(AirportsFile)} and {folder.File(ReportFile)} in {report.Seconds["total"]:0} s");
        return CommandAction.Done;
    }

    private static LearningCurve[] Curves(IReadOnlyList<AirportResult> results) =>
    [
        .. results.GroupBy(result => result.Method).Select(method => new LearningCurve(
            method.Key,
            [.. method.Select(result => (double)result.K)],
            [.. method.Select(result => result.Mse)],
            [.. method.Select(result => result.Nlpd)])),
    ];

    private static Task WriteAsync(string path, DemoReport report) => ReplacedFile.WriteAsync(path, async stream =>
    {
        await using var writer = new StreamWriter(stream, leaveOpen: true);
        await writer.WriteLineAsync(Output.CommandOutput.ToJson(report));
    });
}
