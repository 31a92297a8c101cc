using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Choices;

/// <summary>What all candidates believe about the noise and about how far a task's own noise and scale are from the fleet's.</summary>
/// <param name="Variance">The fleet's mean, in standardised units squared.</param>
/// <param name="Spread">How far tasks differ.</param>
internal sealed record SharedNoise(double Variance, TaskSpread Spread);
