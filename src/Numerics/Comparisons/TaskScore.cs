using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Posteriors;

namespace AdaptCluster.Numerics.Comparisons;

/// <summary>How one method did on one test task with one number of rows seen, in the data's own units.</summary>
/// <param name="Split">Which split, from 0.</param>
/// <param name="Task">Which task, an index into the data.</param>
/// <param name="Points">How many rows were seen.</param>
/// <param name="Method">Which method.</param>
/// <param name="MeanSquaredError">Over the rows that were scored.</param>
/// <param name="MeanNegativeLogDensity">Nats per number.</param>
/// <param name="Coverage95">The share within the 95% interval.</param>
/// <param name="Seconds">To adapt and to predict the rows that were scored.</param>
/// <param name="Choice">Which candidate was chosen, where the method chooses.</param>
/// <param name="Failed">Whether the method failed and the source network predicted instead.</param>
internal sealed record TaskScore(
    int Split, int Task, int Points, string Method, double MeanSquaredError, double MeanNegativeLogDensity, double Coverage95, double Seconds, string? Choice, bool Failed)
{
    internal static TaskScore Of(Forecast forecast, RowMatrix targets)
    {
        LeaveOneOut score = LeaveOneOut.Score(forecast.Mean.Values, forecast.Variance.Values, targets.Values);
        return new TaskScore(0, 0, 0, string.Empty, score.MeanSquaredError, score.MeanNegativeLogDensity, score.Coverage95, 0, null, false);
    }

    /// <summary>Whether every number is one.</summary>
    internal bool IsFinite => double.IsFinite(MeanSquaredError) && double.IsFinite(MeanNegativeLogDensity);
}
