using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Planning;

/// <summary>The numbers of a task that costs depend on.</summary>
internal sealed class TaskSize(NetworkSpec spec, Prior prior, int rows)
{
    internal NetworkSpec Spec => spec;

    internal Prior Prior => prior;

    /// <summary>n.</summary>
    internal int Rows => rows;

    /// <summary>N = n c.</summary>
    internal double Observations => (double)rows * spec.Outputs;

    /// <summary>q.</summary>
    internal double Free { get; } = SpaceChoice.FreeParameters(spec, prior);

    /// <summary>Numbers of the factors of one row.</summary>
    internal long FactorNumbers { get; } = NetworkCost.FactorNumbers(spec);

    /// <summary>Flops of a forward and c reverse passes of one row.</summary>
    internal double LineariseFlops { get; } = NetworkCost.Linearise(spec);

    /// <summary>Flops of J u and J^T v for one row and one column.</summary>
    internal double ProductFlops { get; } = 2.0 * spec.Outputs * spec.FlopsPerRow;

    /// <summary>Flops of the kernel between two inputs.</summary>
    internal double PairFlops { get; } = 2 * NetworkCost.KernelPair(spec, rows, rows);

    /// <summary>Bytes of the rows themselves: inputs, targets and standardised targets.</summary>
    internal double DataBytes => 8.0 * rows * (spec.InputWidth + (2 * spec.Outputs));

    internal bool HasIndependentOutputs => prior.Coupling == OutputCoupling.Independent && spec.Outputs > 1;
}
