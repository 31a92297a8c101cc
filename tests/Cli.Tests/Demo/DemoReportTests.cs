using System.Text.Json;
using AdaptCluster.Cli.Demo;
using AdaptCluster.Cli.Figures;
using AdaptCluster.Cli.Output;

namespace AdaptCluster.Cli.Tests.Demo;

public sealed class DemoReportTests
{
    private static readonly DemoReport s_report = new()
    {
        Seed = 0,
        Processors = 2,
        Sinusoids = new SinusoidScore(50, 10, .95, .25, 5, .4),
        Airports =
        [
            new AirportResult(5, LearningCurveMethod.None, 103, 597.5, 4.616, .945),
            new AirportResult(5, LearningCurveMethod.MeanShift, 103, 700.3, 4.695, .945),
            new AirportResult(5, LearningCurveMethod.Adapted, 103, 595.6, 4.611, .946),
        ],
        AirportCurve = [],
        AirportAdaptations = [new AirportSpeed(5, 103, .5)],
        Seconds = new Dictionary<string, double> { ["total"] = 60 },
    };

    [Fact]
    public void Json_Report_HasThePromisedShape()
    {
        JsonElement root = JsonDocument.Parse(CommandOutput.ToJson(s_report)).RootElement;
        Assert.Equal(50, root.GetProperty("sinusoids").GetProperty("tasks").GetInt32());
        Assert.Equal(.95, root.GetProperty("sinusoids").GetProperty("within2sd").GetDouble());
        Assert.Equal(["none", "meanShift", "adapted"], root.GetProperty("airports").EnumerateArray().Select(row => row.GetProperty("method").GetString()));
        JsonElement adapted = root.GetProperty("airports")[2];
        Assert.Equal(
            ["k", "method", "tasks", "mse", "nlpd", "coverage95"], adapted.EnumerateObject().Select(property => property.Name));
        Assert.Equal(595.6, adapted.GetProperty("mse").GetDouble());
        Assert.Equal(206, root.GetProperty("airportAdaptations")[0].GetProperty("adaptationsPerSecond").GetDouble());
        Assert.Equal(60, root.GetProperty("seconds").GetProperty("total").GetDouble());
    }

    [Fact]
    public void Write_Report_ShowsEveryMethodWithItsNumbers()
    {
        using var text = new StringWriter();
        DemoTables.Write(new CommandOutput(json: false, text, TextWriter.Null), s_report);
        string[] lines = text.ToString().Split('\n');
        Assert.Contains(lines, line => line.Contains("mean shift") && line.Contains("700.3") && line.Contains("4.6950"));
        Assert.Contains(lines, line => line.Contains("adapted") && line.Contains("595.6") && line.Contains("94.6") && line.Contains("206"));
        Assert.Contains(lines, line => line.Contains("adapted") && line.Contains("95.0") && line.Contains("0.250"));
    }
}
