using System.Globalization;
using AdaptCluster.Cli.Figures;
using AdaptCluster.Cli.Output;
using Spectre.Console;

namespace AdaptCluster.Cli.Demo;

/// <summary>The report as a person reads it.</summary>
internal static class DemoTables
{
    public static void Write(CommandOutput output, DemoReport report)
    {
        SinusoidScore sinusoids = report.Sinusoids;
        output.Line($"Sinusoids: {sinusoids.Tasks} new tasks, {sinusoids.Points} points each, against the true function on the range of the points");
        output.Table(Sinusoids(sinusoids));
        output.Line("Airports: flights' delays in minutes, airports that neither network nor prior has seen, mean over airports");
        output.Table(Airports(report));
    }

    private static Table Sinusoids(SinusoidScore score)
    {
        Table table = TextTable.Create("method", ">MSE", ">mean sd", ">truth within 2 sd");
        table.Add("no adaptation", Text(score.SourceMse, "0.000"), "", "");
        table.Add("adapted", Text(score.Mse, "0.000"), Text(score.MeanSd, "0.000"), Text(score.Within2sd, "P1"));
        return table;
    }

    private static Table Airports(DemoReport report)
    {
        Table table = TextTable.Create(">flights seen", ">airports", "method", ">MSE (min²)", ">neg. log density", ">95% coverage", ">adaptations/s");
        foreach (AirportResult result in report.Airports)
        {
            bool first = result.Method == LearningCurveMethod.None;
            AirportSpeed speed = report.AirportAdaptations.Single(speed => speed.K == result.K);
            table.Add(
                first ? Text(result.K, "N0") : "",
                first ? Text(result.Tasks, "N0") : "",
                LearningCurveFigure.NameOf(result.Method),
                Text(result.Mse, "0.0"),
                Text(result.Nlpd, "0.0000"),
                Text(result.Coverage95, "P1"),
                result.Method == LearningCurveMethod.Adapted ? Text(speed.AdaptationsPerSecond, "0") : "");
        }

        return table;
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
