using System.Collections.Immutable;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>What the fit needs to know of the fleet before it starts. Summaries of disjoint sets of tasks add up.</summary>
/// <param name="Observations">The number of observed numbers over all tasks.</param>
/// <param name="SourceSquares">The sum of squared residuals of the source network, in standardised units squared.</param>
/// <param name="MeanSquares">The sum of squared residuals of the prior mean: the same, unless the prior mean is zero.</param>
/// <param name="BlockVariances">Per block the sum over observations of (J_b J_b^T)_ii, length B.</param>
public sealed record FleetSummary(long Observations, double SourceSquares, double MeanSquares, ImmutableArray<double> BlockVariances)
{
    /// <summary>The summary of both sets of tasks together.</summary>
    public static FleetSummary operator +(FleetSummary left, FleetSummary right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new FleetSummary(
            left.Observations + right.Observations,
            left.SourceSquares + right.SourceSquares,
            left.MeanSquares + right.MeanSquares,
            [.. left.BlockVariances.Zip(right.BlockVariances, (a, b) => a + b)]);
    }

    /// <summary>The same as the operator.</summary>
    public static FleetSummary Add(FleetSummary left, FleetSummary right) => left + right;

    /// <inheritdoc/>
    public bool Equals(FleetSummary? other) =>
        other is not null && Observations == other.Observations && SourceSquares == other.SourceSquares && MeanSquares == other.MeanSquares
        && BlockVariances.AsSpan().SequenceEqual(other.BlockVariances.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Observations, SourceSquares, MeanSquares);
}
