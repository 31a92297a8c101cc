using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>Tasks of a fleet that are computed together, each of equally many rows. Owns what it keeps.</summary>
internal abstract class FleetPart(FleetTask[] tasks) : IDisposable
{
    /// <summary>The tasks, in the fleet's order.</summary>
    internal FleetTask[] Tasks => tasks;

    /// <summary>About how many floating-point operations <see cref="Evaluate"/> takes.</summary>
    internal abstract double Flops { get; }

    /// <summary>Fills in what is known of the tasks before any fit, and keeps what does not depend on the prior if there is room for it.</summary>
    /// <param name="room">The bytes that there are.</param>
    /// <returns>The bytes that it took.</returns>
    /// <exception cref="Errors.NonFiniteOutputException">The network overflows on a row, counted over all tasks.</exception>
    internal abstract long Prepare(long room);

    /// <summary>The same for some of the tasks, not yet prepared.</summary>
    internal abstract FleetPart Only(FleetTask[] tasks);

    /// <summary>Adds every task that takes part to its terms.</summary>
    /// <param name="prior">Where to evaluate.</param>
    /// <param name="terms">By task of the fleet.</param>
    /// <param name="moves">Of a prior with shift or directions: what their derivatives are added to.</param>
    /// <param name="heldOut">Tasks whose derivatives are not.</param>
    internal abstract void Evaluate(Prior prior, TaskTerms[] terms, MoveSum? moves, IReadOnlySet<int>? heldOut);

    /// <summary>Fills in the spectra of the tasks that take part.</summary>
    /// <param name="prior">The fitted prior.</param>
    /// <param name="spectra">By task of the fleet.</param>
    /// <param name="moves">Of a prior with shift or directions.</param>
    internal abstract void Spectra(Prior prior, TaskSpectra?[] spectra, MoveSum? moves);

    public virtual void Dispose()
    {
    }

    /// <summary>Half of a task's rows, rounded down, ascending.</summary>
    /// <param name="task">The task.</param>
    /// <param name="seed">The fit's.</param>
    protected static int[] HalfOf(FleetTask task, int seed)
    {
        int[] rows = new SeededRandom(seed, 0x5eed0000 ^ task.Standing.Index).Permutation(task.Data.Rows)[..(task.Data.Rows / 2)];
        Array.Sort(rows);
        return rows;
    }

    /// <summary>y - m of one task, standardised, [N]; notes the sums of squares.</summary>
    /// <param name="model">The source.</param>
    /// <param name="mean">Which m.</param>
    /// <param name="task">The task.</param>
    /// <param name="output">The network's standardised output on its rows, [N].</param>
    protected static double[] Residuals(SourceModel model, PriorMean mean, FleetTask task, ReadOnlySpan<double> output)
    {
        double[] targets = model.OutputStandardisation.Apply(task.Data.Targets).Values;
        var residuals = new double[targets.Length];
        double source = 0;
        double zero = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            double residual = targets[i] - output[i];
            source += residual * residual;
            zero += targets[i] * targets[i];
            residuals[i] = mean == PriorMean.Source ? residual : targets[i];
        }

        task.Standing.SourceSquares = source;
        task.Standing.MeanSquares = mean == PriorMean.Source ? source : zero;
        return residuals;
    }
}
