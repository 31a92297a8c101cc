using System.Runtime.InteropServices;

namespace AdaptCluster.Numerics.Priors;

/// <summary>Where one task stands in its fleet: what its noise and scales are, over the fleet's.</summary>
/// <param name="Noise">Multiplies every noise variance; positive.</param>
/// <param name="Scale">Multiplies every parameter's prior variance, along the directions too; positive.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TaskFactors(double Noise, double Scale)
{
    /// <summary>A task that stays with the fleet.</summary>
    public static TaskFactors Fleet => new(1, 1);
}
