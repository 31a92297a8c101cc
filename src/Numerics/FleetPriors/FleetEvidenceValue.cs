using System.Collections.Immutable;
using AdaptCluster.Numerics.Posteriors;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>The evidence of a fleet under one prior. Values of disjoint sets of tasks add up.</summary>
/// <param name="Sum">The sum over the tasks, with its gradient.</param>
/// <param name="Information">
/// The average information with respect to the logarithms of the B scales and then of the noise variances, [q, q]: the mean of observed and expected
/// curvature of the evidence in the scales, positive semidefinite.
/// </param>
/// <param name="Tasks">Each task alone.</param>
public sealed record FleetEvidenceValue(EvidenceValue Sum, ImmutableArray<double> Information, ImmutableArray<TaskScore> Tasks)
{
    /// <summary>
    /// The derivatives with respect to the prior's directions and, last, its shift, [p, r + 1] row by row; empty for a prior that has neither.
    /// </summary>
    public ImmutableArray<double> Moves { get; init; } = [];

    /// <summary>The evidence of both sets of tasks together.</summary>
    public static FleetEvidenceValue operator +(FleetEvidenceValue left, FleetEvidenceValue right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new FleetEvidenceValue(left.Sum + right.Sum, [.. left.Information.Zip(right.Information, (a, b) => a + b)], [.. left.Tasks, .. right.Tasks])
        {
            Moves = [.. left.Moves.Zip(right.Moves, (a, b) => a + b)],
        };
    }

    /// <summary>The same as the operator.</summary>
    public static FleetEvidenceValue Add(FleetEvidenceValue left, FleetEvidenceValue right) => left + right;

    /// <inheritdoc/>
    public bool Equals(FleetEvidenceValue? other) =>
        other is not null && Sum == other.Sum && Information.AsSpan().SequenceEqual(other.Information.AsSpan()) && Moves.AsSpan().SequenceEqual(other.Moves.AsSpan()) && Tasks.AsSpan().SequenceEqual(other.Tasks.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Sum, Tasks.Length);
}
