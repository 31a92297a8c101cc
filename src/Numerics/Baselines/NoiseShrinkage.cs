namespace AdaptCluster.Numerics.Baselines;

/// <summary>The noise of a method that has none of its own: a handful of held-out errors alone would be zero too often.</summary>
internal static class NoiseShrinkage
{
    /// <summary>How many observations the fleet's noise counts for.</summary>
    internal const double Pseudo = 10;

    /// <summary>The mean of the squared errors and of the pseudo-observations.</summary>
    internal static double Of(double fleetVariance, double squares, double count) => ((Pseudo * fleetVariance) + squares) / (Pseudo + count);
}
