using System.Collections.Immutable;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>What one adaptation did and whether it helped. Scores are in the data's own units.</summary>
/// <param name="Observations">The number of observed numbers, N = n c.</param>
/// <param name="LogEvidence">log p(y | X, prior) of the standardised targets, in nats.</param>
/// <param name="Adapted">Every observation predicted from the others.</param>
/// <param name="SourceOnly">
/// Every observation predicted by the unadapted source network, with the prior's <see cref="Prior.SourceResidualVariance"/>, or with the
/// prior predictive variance when that is not known.
/// </param>
/// <param name="NoiseDeviation">The noise standard deviation of every output, [c], in target units.</param>
/// <param name="EffectiveDimension">How many observations' worth of freedom was used, tr(K C^-1).</param>
/// <param name="Space">Which side was computed.</param>
/// <param name="Jitter">What was added to a diagonal to make it factorise; 0 normally.</param>
public sealed record AdaptationReport(
    int Observations,
    double LogEvidence,
    LeaveOneOut Adapted,
    LeaveOneOut SourceOnly,
    ImmutableArray<double> NoiseDeviation,
    double EffectiveDimension,
    PosteriorSpace Space,
    double Jitter)
{
    /// <summary>Where the task stands in its fleet: what its noise and scales are, over the fleet's. Default: as the fleet's.</summary>
    public TaskFactors Factors { get; init; } = TaskFactors.Fleet;

    /// <summary>
    /// How much better a left-out observation is predicted after adaptation, in nats per observation. Negative: this task is better served
    /// by the source network as it is.
    /// </summary>
    public double Gain => SourceOnly.MeanNegativeLogDensity - Adapted.MeanNegativeLogDensity;
}
