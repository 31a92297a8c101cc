using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>
/// A small task's posterior in its dual form: the rows, alpha = C^-1 (y - m) and the Cholesky factor of C, all in managed memory. Everything else that
/// prediction needs is a function of these and of the source network, which is linearised at the rows again: some kilobytes for a task of dozens of rows, where
/// its Jacobian factors would be ten times that. Immutable; any number of threads may hold it.
/// </summary>
public sealed class DualPosterior
{
    private const int Overhead = 400; // of the objects around the numbers, in bytes

    internal DualPosterior(TaskData data, Prior prior, TaskFactors factors, double[] alpha, double[] factor)
    {
        Data = data;
        BasePrior = prior;
        Factors = factors;
        Alpha = alpha;
        Factor = factor;
    }

    /// <summary>The rows that it rests on.</summary>
    public TaskData Data { get; }

    /// <summary>Where the task stands in its fleet.</summary>
    public TaskFactors Factors { get; }

    /// <summary>The task's own prior: the batch's, where the task stands.</summary>
    public Prior Prior => BasePrior.At(Factors);

    /// <summary>The memory that it holds, in bytes, its rows included.</summary>
    public long Bytes => Overhead + (sizeof(double) * ((long)Alpha.Length + Factor.Length + Data.Inputs.Values.Length + Data.Targets.Values.Length));

    /// <summary>The prior that the batch shared.</summary>
    internal Prior BasePrior { get; }

    /// <summary>C^-1 (y - m), [N].</summary>
    internal double[] Alpha { get; }

    /// <summary>R of C = R^T R, packed by rows as in <see cref="FleetPriors.PackedMatrix"/>.</summary>
    internal double[] Factor { get; }

    /// <summary>The same posterior in the form that also gives joint covariances and samples; it is computed again from the rows.</summary>
    /// <param name="source">The network of the task's source; borrowed.</param>
    /// <returns>The caller disposes it.</returns>
    /// <exception cref="NumericsException">The network overflows on the data, or a matrix could not be factorised.</exception>
    public TaskPosterior ToTaskPosterior(SourceNetwork source) => TaskPosterior.Fit(source, Data, Prior, PosteriorSpace.Function);
}
