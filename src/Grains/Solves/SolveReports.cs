using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Grains.Solves;

/// <summary>From what a solve gave to what is told about it.</summary>
internal static class SolveReports
{
    public static SolveCompletion Completion(SolveOrder order, SolveResult result, SolveDriver driver, DateTimeOffset now, string hash)
    {
        AdaptationReport report = result.Report!;
        (TimeSpan device, SolveTraffic traffic, int reloads) = driver.Cost;
        var summary = new SolveSummary
        {
            Plan = order.Plan,
            Iterations = result.Statistics.Iterations,
            RelativeResidual = result.Statistics.RelativeResidual,
            Error = result.Statistics.Error,
            BytesPerIteration = traffic.Bytes,
            MessagesPerIteration = traffic.Messages,
            Seconds = driver.Elapsed.TotalSeconds,
            Reloads = reloads,
        };
        var description = new PosteriorDescription
        {
            Version = order.Version,
            PriorVersion = order.Prior.Version,
            Observations = PlanMapping.Rows(order.Plan),
            Exact = false,
            Space = report.Space.ToString().ToLowerInvariant(),
            LogEvidence = report.LogEvidence,
            EffectiveDimension = report.EffectiveDimension,
            LeaveOneOut = Scores(report.Adapted),
            SourceOnly = Scores(report.SourceOnly),
            Computed = now,
            DeviceMilliseconds = device.TotalMilliseconds,
            Solve = summary,
        };
        return new SolveCompletion(order.Solve, description, hash);
    }

    public static FitScores Scores(LeaveOneOut scores) => new(scores.MeanSquaredError, scores.MeanNegativeLogDensity, scores.Coverage95);
}
