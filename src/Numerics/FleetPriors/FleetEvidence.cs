using System.Collections.Immutable;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// The joint evidence of tasks in this process. What does not depend on the prior (the blocks' kernels of small tasks, the Jacobian factors of large ones)
/// is computed once and kept within a memory budget. Borrows the source network, which must live longer. One thread at a time.
/// </summary>
public sealed class FleetEvidence : IFleetEvidence, IDisposable
{
    private const int LargestPacked = 256; // observations of a task whose kernels are packed; beyond it a call of LAPACK is worth its price
    private const int PartRows = 1024;
    private const long PartNumbers = 1L << 22; // of the blocks' kernels of one part
    private readonly SourceNetwork _source;
    private readonly FleetFitOptions _options;
    private readonly FleetTask[] _tasks;
    private readonly List<FleetPart> _parts = [];

    /// <summary>Samples the tasks' rows, linearises the source network at them, and excludes tasks that could spoil a prior.</summary>
    /// <param name="source">The network; borrowed.</param>
    /// <param name="tasks">At least one task, each with at least one row, in the data's units.</param>
    /// <param name="options">Sampling, seed, memory, prior mean and coupling.</param>
    /// <exception cref="ArgumentException">There are no tasks, none can take part, a task is empty or of the wrong width, or an option is out of range.</exception>
    /// <exception cref="NonFiniteOutputException">The network overflows on a row of every task.</exception>
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
        _tasks = [.. tasks.Select((task, t) => new FleetTask(t, Sample(source, task, t)))];
        FleetScreen.ByData(_tasks);
        try
        {
            Prepare();
            FleetScreen.BySquares(_tasks);
            Summary = Summarise();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int TaskCount => _tasks.Length;

    /// <inheritdoc/>
    public FleetSummary Summary { get; private set; }

    /// <inheritdoc/>
    public ImmutableArray<ExcludedTask> Excluded => [.. _tasks.Where(task => task.Excluded is not null).Select(task => new ExcludedTask(task.Index, task.Excluded!))];

    /// <summary>About how many floating-point operations the constructor takes: for planning.</summary>
    public static double FlopsToPrepare(NetworkSpec spec, IReadOnlyList<TaskData> tasks, FleetFitOptions options)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(options);
        return tasks.Sum(task => PackedPart.BuildFlops(spec, Math.Min(task.Rows, options.MaxRowsPerTask)));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The prior does not fit the network, or has another mean or coupling than the options.</exception>
    public FleetEvidenceValue Evaluate(Prior prior, IReadOnlySet<int>? heldOut = null)
    {
        FleetPass pass = Begin(prior, heldOut);
        while (!pass.Advance())
        {
        }

        return pass.Result();
    }

    /// <summary>Starts an evaluation that is done a part at a time.</summary>
    /// <param name="prior">Where to evaluate.</param>
    /// <param name="heldOut">Tasks that are scored, but are in no sum.</param>
    /// <exception cref="ArgumentException">The prior does not fit the network, or has another mean or coupling than the options.</exception>
    public FleetPass Begin(Prior prior, IReadOnlySet<int>? heldOut = null)
    {
        Check(prior);
        return new FleetPass([.. _parts], _tasks.Length, prior, prior.HasMoves ? new MoveSum(_source.Model.Spec, prior) : null, heldOut);
    }

    private void Check(Prior prior)
    {
        ArgumentNullException.ThrowIfNull(prior);
        prior.Validate(_source.Model.Spec);
        if (prior.Mean != _options.Mean || prior.Coupling != _options.Coupling)
        {
            throw new ArgumentException($"The fleet was prepared for mean {_options.Mean} and coupling {_options.Coupling}, not for {prior.Mean} and {prior.Coupling}.", nameof(prior));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The prior does not fit the network, or has another mean or coupling than the options.</exception>
    public IReadOnlyList<TaskSpectra?> Spectra(Prior prior)
    {
        SpectraPass pass = BeginSpectra(prior);
        while (!pass.Advance())
        {
        }

        return pass.Result();
    }

    /// <summary>Starts what <see cref="Spectra"/> does, a part at a time.</summary>
    /// <param name="prior">The fitted prior.</param>
    /// <exception cref="ArgumentException">The prior does not fit the network, or has another mean or coupling than the options.</exception>
    public SpectraPass BeginSpectra(Prior prior)
    {
        Check(prior);
        return new SpectraPass([.. _parts], _tasks.Length, prior, prior.HasMoves ? new MoveSum(_source.Model.Spec, prior) : null);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">No task would be left.</exception>
    public void Exclude(IReadOnlyList<ExcludedTask> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        foreach (ExcludedTask task in tasks)
        {
            _tasks[task.Task].Excluded ??= task.Reason;
        }

        Summary = Summarise();
    }

    /// <inheritdoc/>
    public void Dispose() => _parts.ForEach(part => part.Dispose());

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

    // Tasks of equally many rows together, as many as make some milliseconds of work.
    private void Prepare()
    {
        NetworkSpec spec = _source.Model.Spec;
        long room = _options.FactorCacheBytes;
        foreach (IGrouping<int, FleetTask> group in _tasks.Where(task => task.Excluded is null).GroupBy(task => task.Data.Rows).OrderBy(group => group.Key))
        {
            long n = group.Key * (_options.Coupling == OutputCoupling.Independent ? 1L : spec.Outputs);
            int most = n > LargestPacked ? 1 : (int)Math.Clamp(Math.Min(PartRows / group.Key, PartNumbers / (spec.Blocks.Length * n * n)), 1, PartRows);
            foreach (FleetTask[] tasks in group.Chunk(most))
            {
                FleetPart? part = n > LargestPacked ? new LargePart(_source, tasks[0], _options) : new PackedPart(_source, tasks, _options);
                room -= Prepare(part, room);
            }
        }
    }

    // A task on whose rows the network overflows is left out, and its part made again without it.
    private long Prepare(FleetPart part, long room)
    {
        while (true)
        {
            try
            {
                long bytes = part.Prepare(room);
                _parts.Add(part);
                return bytes;
            }
            catch (NonFiniteOutputException error)
            {
                int rows = part.Tasks[0].Data.Rows;
                part.Tasks[error.Row / rows].Excluded = $"the network's output for its row {error.Row % rows} is not finite";
                FleetTask[] rest = [.. part.Tasks.Where(task => task.Excluded is null)];
                part.Dispose();
                if (rest.Length == 0)
                {
                    return 0;
                }

                part = part.Only(rest);
            }
        }
    }

    private FleetSummary Summarise()
    {
        FleetTask[] included = [.. _tasks.Where(task => task.Excluded is null)];
        return included.Length == 0
            ? throw new ArgumentException($"No task of the fleet can take part; of task {_tasks[0].Index}: {_tasks[0].Excluded}.")
            : included.Select(task => task.Summary).Aggregate((left, right) => left + right);
    }
}
