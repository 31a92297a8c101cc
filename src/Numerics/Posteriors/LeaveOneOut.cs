using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>
/// How well every observation is predicted without itself: one Gaussian per observation, N = n c of them (index i c + o), and their mean scores.
/// The same record holds the scores of "no adaptation", where nothing has to be left out.
/// </summary>
/// <param name="MeanSquaredError">Mean of (y - mean)^2, in target units squared.</param>
/// <param name="MeanNegativeLogDensity">Mean of -log N(y; mean, variance), in nats.</param>
/// <param name="Coverage95">The fraction of observations inside mean +- 1.96 sd.</param>
/// <param name="Means">The predicted means, [N].</param>
/// <param name="Variances">The predicted variances of the observation (noise included), [N].</param>
/// <param name="Targets">The observations, [N].</param>
public sealed record LeaveOneOut(
    double MeanSquaredError,
    double MeanNegativeLogDensity,
    double Coverage95,
    ImmutableArray<double> Means,
    ImmutableArray<double> Variances,
    ImmutableArray<double> Targets)
{
    /// <summary>The half-width of a 95% interval of a normal distribution, in standard deviations.</summary>
    public const double Normal95 = 1.959963984540054;

    /// <summary>Scores Gaussian predictions. All spans have length N, at least 1; variances are positive.</summary>
    public static LeaveOneOut Score(ReadOnlySpan<double> means, ReadOnlySpan<double> variances, ReadOnlySpan<double> targets)
    {
        if (means.IsEmpty || means.Length != variances.Length || means.Length != targets.Length)
        {
            throw new ArgumentException("Means, variances and targets must have the same length, at least 1.");
        }

        double squares = 0;
        double density = 0;
        int inside = 0;
        for (int i = 0; i < means.Length; i++)
        {
            double error = targets[i] - means[i];
            squares += error * error;
            density += 0.5 * ((error * error / variances[i]) + Math.Log(2 * Math.PI * variances[i]));
            inside += Math.Abs(error) <= Normal95 * Math.Sqrt(variances[i]) ? 1 : 0;
        }

        double n = means.Length;
        return new LeaveOneOut(squares / n, density / n, inside / n, [.. means], [.. variances], [.. targets]);
    }

    /// <summary>The same predictions and scores in the data's own units.</summary>
    /// <param name="outputs">The standardisation of the targets, width c.</param>
    public LeaveOneOut InDataUnits(Standardisation outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        int n = Means.Length;
        var means = new double[n];
        var variances = new double[n];
        var targets = new double[n];
        for (int i = 0; i < n; i++)
        {
            double scale = outputs.Scale[i % outputs.Width];
            double shift = outputs.Mean[i % outputs.Width];
            means[i] = (Means[i] * scale) + shift;
            targets[i] = (Targets[i] * scale) + shift;
            variances[i] = Variances[i] * scale * scale;
        }

        return Score(means, variances, targets);
    }

    /// <inheritdoc/>
    public bool Equals(LeaveOneOut? other) =>
        other is not null && Means.AsSpan().SequenceEqual(other.Means.AsSpan())
        && Variances.AsSpan().SequenceEqual(other.Variances.AsSpan()) && Targets.AsSpan().SequenceEqual(other.Targets.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(MeanSquaredError, MeanNegativeLogDensity, Means.Length);
}
