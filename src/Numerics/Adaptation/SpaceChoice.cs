using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>The cheaper space by flops. With no free parameter the function space is always taken: its kernel is zero and costs nothing to say so.</summary>
internal static class SpaceChoice
{
    internal static PosteriorSpace Choose(NetworkSpec spec, Prior prior, int rows)
    {
        double free = FreeParameters(spec, prior);
        return free == 0 || FunctionFlops(spec, prior, rows) <= ParameterFlops(free, spec, prior, rows) ? PosteriorSpace.Function : PosteriorSpace.Parameter;
    }

    /// <summary>The flops of the cheaper space, without the linearisation.</summary>
    internal static double Flops(NetworkSpec spec, Prior prior, int rows) => Choose(spec, prior, rows) == PosteriorSpace.Function
        ? FunctionFlops(spec, prior, rows)
        : ParameterFlops(FreeParameters(spec, prior), spec, prior, rows);

    /// <summary>q + r: the parameters whose block is not frozen, and the prior's directions.</summary>
    internal static double FreeParameters(NetworkSpec spec, Prior prior) =>
        prior.RankOf(spec) + spec.Blocks.Select((b, i) => prior.BlockScales[i] > 0 ? (double)b.Count : 0).Sum();

    // Half of the kernel, Cholesky (N^3 / 3) and the inverse's diagonal (N^3 / 3); c times with n for independent outputs.
    internal static double FunctionFlops(NetworkSpec spec, Prior prior, int rows)
    {
        bool independent = prior.Coupling == OutputCoupling.Independent;
        double n = independent ? rows : (double)rows * spec.Outputs;
        double solve = 2.0 / 3 * n * n * n;
        return ((double)rows * rows * NetworkCost.KernelPair(spec, rows, rows)) + (independent ? spec.Outputs * solve : solve);
    }

    // The product (no symmetry is used), Cholesky, and the leverages' triangular solve; Cholesky c times for independent outputs.
    internal static double ParameterFlops(double q, NetworkSpec spec, Prior prior, int rows)
    {
        double n = (double)rows * spec.Outputs;
        double factorisations = prior.Coupling == OutputCoupling.Independent ? spec.Outputs : 1;
        return (2 * n * q * q) + (factorisations * q * q * q / 3) + (n * q * q);
    }
}
