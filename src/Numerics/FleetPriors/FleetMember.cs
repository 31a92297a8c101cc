using System.Collections.Immutable;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>What whoever sums the evidence of a fleet needs to know of one task before any fit. Equality is by content.</summary>
/// <param name="Rows">Its rows that enter the evidence.</param>
/// <param name="Observations">The number of observed numbers, N.</param>
/// <param name="SourceSquares">The sum of squared residuals of the source network, in standardised units squared.</param>
/// <param name="MeanSquares">The same of the prior mean.</param>
/// <param name="BlockTraces">tr(J_b J_b^T), length B; empty where the task takes no part.</param>
/// <param name="Excluded">Why its own rows say that it takes no part; null where they do not.</param>
public sealed record FleetMember(
    int Rows, int Observations, double SourceSquares, double MeanSquares, ImmutableArray<double> BlockTraces, string? Excluded)
{
    /// <inheritdoc/>
    public bool Equals(FleetMember? other) =>
        other is not null && Rows == other.Rows && Observations == other.Observations && SourceSquares.Equals(other.SourceSquares)
        && MeanSquares.Equals(other.MeanSquares) && BlockTraces.AsSpan().SequenceEqual(other.BlockTraces.AsSpan()) && Excluded == other.Excluded;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rows, Observations, SourceSquares, MeanSquares);
}
