namespace AdaptCluster.Numerics.Baselines;

/// <summary>The scale of a kernel and the noise that explain residuals best.</summary>
/// <param name="Scale">theta, not negative.</param>
/// <param name="NoiseVariance">sigma^2, positive.</param>
/// <param name="LogEvidence">What they reach, in nats.</param>
internal sealed record SpectralFit(double Scale, double NoiseVariance, double LogEvidence);
