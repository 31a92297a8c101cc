using System.Globalization;
using AdaptCluster.Cli.Output;
using AdaptCluster.Grains.Interfaces.Comparisons;
using Spectre.Console;

namespace AdaptCluster.Cli.Commands;

/// <summary>A comparison as a person reads it.</summary>
internal static class CompareTables
{
    public static void Write(CommandOutput output, CompareReport report)
    {
        output.Line(
            $"{report.Tasks:N0} tasks, {report.Rows:N0} rows; {report.Splits} split{(report.Splits == 1 ? string.Empty : "s")}, {report.TrainShare:P0} of the tasks learned from; mean over test tasks ± standard error, in the target's own units");
        Table table = TextTable.Create(">rows seen", ">tasks", "method", ">MSE", ">neg. log density", ">less adapted's", ">95% coverage", ">ms/task");
        foreach (IGrouping<int, MethodScore> points in report.Scores.GroupBy(score => score.Points))
        {
            bool first = true;
            foreach (MethodScore score in points)
            {
                table.Add(
                    first ? Text(score.Points, "N0") : string.Empty,
                    first ? Text(score.Tasks, "N0") : string.Empty,
                    score.Method + (score.Failures > 0 ? $" ({score.Failures} failed)" : string.Empty),
                    Pair(score.Mse, "G4", "G2"),
                    Pair(score.Nlpd, "0.0000", "0.0000"),
                    score.NlpdOverAdapted is { } difference && score.Method != "adapted" ? Pair(difference, "+0.0000;-0.0000", "0.0000") : string.Empty,
                    Text(score.Coverage95.Mean, "P1"),
                    Text(1e3 * score.SecondsPerTask, "0.0"));
                first = false;
            }
        }

        output.Table(table);
        foreach (MethodScore score in report.Scores.Where(score => score.Method == "chosen"))
        {
            output.Line($"chosen with {score.Points} rows: {string.Join(", ", score.Choices.OrderByDescending(c => c.Share).Select(Choice))}");
        }
    }

    private static string Choice(CandidateShare share) => $"{(share.Candidate == "none" ? "none (abstains)" : share.Candidate)} {Text(share.Share, "P0")}";

    private static string Pair(ScoreEstimate estimate, string mean, string error) => $"{Text(estimate.Mean, mean)} ± {Text(estimate.StandardError, error)}";

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
