using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>The derivatives of a log evidence.</summary>
/// <param name="LogBlockScales">d / d log theta_b, length B.</param>
/// <param name="LogNoiseVariance">d / d log sigma^2, as long as the prior's noise variances.</param>
public sealed record EvidenceGradient(ImmutableArray<double> LogBlockScales, ImmutableArray<double> LogNoiseVariance)
{
    /// <inheritdoc/>
    public bool Equals(EvidenceGradient? other) =>
        other is not null && LogBlockScales.AsSpan().SequenceEqual(other.LogBlockScales.AsSpan())
        && LogNoiseVariance.AsSpan().SequenceEqual(other.LogNoiseVariance.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(LogBlockScales.Length, LogNoiseVariance.Length, LogBlockScales[0]);
}
