namespace AdaptCluster.Numerics.Baselines;

/// <summary>The numbers of a Gaussian process with kernel theta exp(-|x - x'|^2 / (2 l^2)), all in standardised units.</summary>
/// <param name="Lengthscale">l, positive.</param>
/// <param name="Scale">theta, the signal's variance.</param>
/// <param name="NoiseVariance">sigma^2, positive.</param>
/// <param name="LogEvidence">What they reach over the tasks that they were fitted to, in nats.</param>
internal sealed record RbfSettings(double Lengthscale, double Scale, double NoiseVariance, double LogEvidence);
