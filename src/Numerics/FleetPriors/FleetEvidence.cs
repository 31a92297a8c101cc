using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// The joint evidence of tasks in this process. Jacobian factors are kept within a memory budget (they do not depend on the prior), kernels are
/// not kept. Borrows the source network, which must live longer. One thread at a time.
/// </summary>
public sealed class FleetEvidence : IFleetEvidence, IDisposable
{
    private readonly SourceNetwork _source;
    private readonly FleetFitOptions _options;
    private readonly TaskData[] _tasks;
    private readonly JacobianFactors?[] _kept;

    /// <summary>Samples the tasks' rows and linearises the source network at them.</summary>
    /// <param name="source">The network; borrowed.</param>
    /// <param name="tasks">At least one task, each with at least one row, in the data's units.</param>
    /// <param name="options">Sampling, seed, memory and prior mean.</param>
    /// <exception cref="ArgumentException">There are no tasks, a task is empty or of the wrong width, or an option is out of range.</exception>
    /// <exception cref="NonFiniteOutputException">The network overflows on a row.</exception>
    public FleetEvidence(SourceNetwork source, IReadOnlyList<TaskData> tasks, FleetFitOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (tasks.Count == 0)
        {
            throw new ArgumentException("A fleet prior needs at least one task.", nameof(tasks));
        }

        _source = source;
        _options = options;
        _tasks = [.. tasks.Select((task, t) => Sample(source, task, t))];
        _kept = new JacobianFactors?[_tasks.Length];
        try
        {
            Summary = Summarise();
        }
        catch (NumericsException)
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int TaskCount => _tasks.Length;

    /// <inheritdoc/>
    public FleetSummary Summary { get; }

    /// <inheritdoc/>
    public EvidenceValue Evaluate(Prior prior)
    {
        EvidenceValue sum = EvaluateTask(0, prior);
        for (int t = 1; t < _tasks.Length; t++)
        {
            sum += EvaluateTask(t, prior);
        }

        return sum;
    }

    /// <summary>About how many floating-point operations <see cref="EvaluateTask"/> takes: the evidence, the inverse and the gradient.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is out of range.</exception>
    public double FlopsOf(int task, Prior prior)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(task);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(task, _tasks.Length);
        return 3 * TaskPosterior.FlopsToFit(_source.Model.Spec, prior, _tasks[task].Rows);
    }

    /// <summary>The log evidence of one task with its gradient: for hosts that do other work between tasks.</summary>
    /// <exception cref="ArgumentException">The index or the prior is out of range.</exception>
    /// <exception cref="NotPositiveDefiniteException">The task's covariance could not be factorised.</exception>
    public EvidenceValue EvaluateTask(int task, Prior prior)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(task);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(task, _tasks.Length);
        using DisposeScope scope = torch.NewDisposeScope();
        JacobianFactors? made = _kept[task] is null ? _source.Linearise(_tasks[task].Inputs) : null;
        try
        {
            return Evidence.Evaluate(_kept[task] ?? made!, TaskPosterior.StandardisedTargets(_source, _tasks[task]), prior);
        }
        finally
        {
            made?.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (JacobianFactors? factors in _kept)
        {
            factors?.Dispose();
        }
    }

    private TaskData Sample(SourceNetwork source, TaskData task, int index)
    {
        ArgumentNullException.ThrowIfNull(task);
        TaskPosterior.CheckData(source, task);
        if (task.Rows <= _options.MaxRowsPerTask)
        {
            return task;
        }

        int[] rows = new SeededRandom(_options.Seed, index).Permutation(task.Rows)[.._options.MaxRowsPerTask];
        Array.Sort(rows);
        return task.SelectRows(rows);
    }

    private FleetSummary Summarise()
    {
        NetworkSpec spec = _source.Model.Spec;
        var variances = new double[spec.Blocks.Length];
        double sourceSquares = 0;
        double meanSquares = 0;
        long observations = 0;
        long bytes = 0;
        for (int t = 0; t < _tasks.Length; t++)
        {
            JacobianFactors factors = _source.Linearise(_tasks[t].Inputs);
            bytes += factors.Bytes;
            _kept[t] = bytes <= _options.FactorCacheBytes ? factors : null;
            double[] targets = _source.Model.OutputStandardisation.Apply(_tasks[t].Targets).Values;
            double[] output = TensorInterop.ToDoubles(factors.Output);
            double source = targets.Zip(output, (y, f) => (y - f) * (y - f)).Sum();
            sourceSquares += source;
            meanSquares += _options.Mean == PriorMean.Source ? source : targets.Sum(y => y * y);
            observations += targets.Length;
            AddBlockVariances(factors, variances);
            if (_kept[t] is null)
            {
                factors.Dispose();
            }
        }

        return new FleetSummary(observations, sourceSquares, meanSquares, [.. variances]);
    }

    // The trace of every block's kernel: a contraction with the identity would need N^2, the squared factors do not.
    private static void AddBlockVariances(JacobianFactors factors, double[] sums)
    {
        using torch.Tensor traces = factors.BlockTraces();
        double[] values = TensorInterop.ToDoubles(traces);
        for (int b = 0; b < sums.Length; b++)
        {
            sums[b] += values[b];
        }
    }
}
