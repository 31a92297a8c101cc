using AdaptCluster.Numerics.Jacobians;

namespace AdaptCluster.Numerics.Networks;

/// <summary>What a network's linearisation costs, without computing anything.</summary>
internal static class NetworkCost
{
    /// <summary>Flops of a forward and c reverse passes for one row.</summary>
    internal static double Linearise(NetworkSpec spec) => (1 + spec.Outputs) * spec.FlopsPerRow;

    /// <summary>Multiply-adds per pair of inputs of a kernel of <paramref name="rows"/> by <paramref name="others"/> inputs.</summary>
    internal static double KernelPair(NetworkSpec spec, double rows, double others) =>
        spec.Sites.Sum(plan => JacobianSite.KernelFlops(plan, spec.Outputs, rows, others));

    /// <summary>Numbers that factors keep for one row.</summary>
    internal static long FactorNumbers(NetworkSpec spec) => spec.Sites.Sum(plan => plan.Numbers);
}
