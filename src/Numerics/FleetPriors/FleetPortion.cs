using System.Collections.Immutable;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// Consecutive tasks of a fleet, and what of them does not depend on the prior (the blocks' kernels of small tasks, the Jacobian factors of large ones),
/// computed once and kept within a memory budget: what one machine holds of a fleet. Borrows the source network, which must live longer. One thread at a
/// time.
/// </summary>
public sealed class FleetPortion : IDisposable
{
    private const int LargestPacked = 256; // observations of a task whose kernels are packed; beyond it a call of LAPACK is worth its price
    private const int PartRows = 1024;
    private const long PartNumbers = 1L << 22; // of the blocks' kernels of one part
    private readonly SourceNetwork _source;
    private readonly FleetFitOptions _options;
    private readonly FleetTask[] _tasks;
    private readonly int _first;
    private readonly Queue<FleetPart> _unprepared = [];
    private readonly List<FleetPart> _parts = [];
    private long _room;

    /// <summary>Samples the tasks' rows; <see cref="Prepare"/> computes.</summary>
    /// <param name="source">The network; borrowed.</param>
    /// <param name="tasks">At least one task, each with at least one row, in the data's units.</param>
    /// <param name="first">The place of the first of them in the fleet: samples of rows depend on it.</param>
    /// <param name="options">Sampling, seed, memory, prior mean and coupling.</param>
    /// <exception cref="ArgumentException">There are no tasks, a task is empty or of the wrong width, or an option is out of range.</exception>
    public FleetPortion(SourceNetwork source, IReadOnlyList<TaskData> tasks, int first, FleetFitOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        options.Validate();
        if (tasks.Count == 0)
        {
            throw new ArgumentException("A fleet prior needs at least one task.", nameof(tasks));
        }

        _source = source;
        _options = options;
        _first = first;
        _tasks = [.. tasks.Select((task, t) => new FleetTask(t, first + t, Sample(source, task, first + t)))];
        _room = options.FactorCacheBytes;
        FleetScreen.ByData(_tasks);
    }

    /// <summary>What is known of each task before any fit, once all is prepared.</summary>
    public ImmutableArray<FleetMember> Members =>
    [
        .. _tasks.Select(task => task.Standing).Select(task => new FleetMember(
            task.Rows, task.Observations, task.SourceSquares, task.MeanSquares, [.. task.BlockTraces], task.Excluded)),
    ];

    /// <summary>About how many floating-point operations the next step of the preparation takes: for planning.</summary>
    public double FlopsToPrepare => _unprepared.TryPeek(out FleetPart? part) ? part.Tasks.Sum(task => PackedPart.BuildFlops(_source.Model.Spec, task.Data.Rows)) : 0;

    internal FleetStanding[] Standings => [.. _tasks.Select(task => task.Standing)];

    /// <summary>Linearises the source network at the next tasks' rows: some milliseconds, more for a large one.</summary>
    /// <returns>Whether all are prepared.</returns>
    public bool Prepare()
    {
        if (_parts.Count == 0 && _unprepared.Count == 0)
        {
            Arrange();
        }

        if (_unprepared.TryDequeue(out FleetPart? part))
        {
            _room -= PrepareOne(part, _room);
        }

        return _unprepared.Count == 0;
    }

    /// <summary>Starts an evaluation that is done some tasks at a time; one that was started before must have ended.</summary>
    /// <param name="prior">Where to evaluate.</param>
    /// <param name="heldOut">Tasks of the fleet that are scored, but are in no sum.</param>
    /// <param name="skipped">Tasks of the fleet that take no part in this evaluation.</param>
    /// <exception cref="ArgumentException">The prior does not fit the network, or has another mean or coupling than the options.</exception>
    public FleetPass Begin(Prior prior, IReadOnlySet<int>? heldOut = null, IReadOnlySet<int>? skipped = null)
    {
        Skip(prior, skipped);
        HashSet<int>? own = heldOut is null ? null : [.. _tasks.Where(task => heldOut.Contains(task.Standing.Index)).Select(task => task.Index)];
        return new FleetPass([.. _parts], _tasks.Length, _first, prior, prior.HasMoves ? new MoveSum(_source.Model.Spec, prior) : null, own);
    }

    /// <summary>Starts to collect what the fleet's spreads are learned from, some tasks at a time; an evaluation that was started before must have ended.</summary>
    /// <param name="prior">The fitted prior.</param>
    /// <param name="skipped">Tasks of the fleet that take no part.</param>
    /// <exception cref="ArgumentException">The prior does not fit the network, or has another mean or coupling than the options.</exception>
    public SpectraPass BeginSpectra(Prior prior, IReadOnlySet<int>? skipped = null)
    {
        Skip(prior, skipped);
        return new SpectraPass([.. _parts], _tasks.Length, prior, prior.HasMoves ? new MoveSum(_source.Model.Spec, prior) : null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _parts.ForEach(part => part.Dispose());
        foreach (FleetPart part in _unprepared)
        {
            part.Dispose();
        }
    }

    // Checks the prior, and notes who takes no part in what is computed under it.
    private void Skip(Prior prior, IReadOnlySet<int>? skipped)
    {
        ArgumentNullException.ThrowIfNull(prior);
        prior.Validate(_source.Model.Spec);
        if (prior.Mean != _options.Mean || prior.Coupling != _options.Coupling)
        {
            throw new ArgumentException($"The fleet was prepared for mean {_options.Mean} and coupling {_options.Coupling}, not for {prior.Mean} and {prior.Coupling}.", nameof(prior));
        }

        Array.ForEach(_tasks, task => task.IsSkipped = skipped?.Contains(task.Standing.Index) == true);
    }

    private TaskData Sample(SourceNetwork source, TaskData task, int number)
    {
        ArgumentNullException.ThrowIfNull(task);
        TaskPosterior.CheckData(source, task);
        if (task.Rows <= _options.MaxRowsPerTask)
        {
            return task;
        }

        int[] rows = new SeededRandom(_options.Seed, number).Permutation(task.Rows)[.._options.MaxRowsPerTask];
        Array.Sort(rows);
        return task.SelectRows(rows);
    }

    // Tasks of equally many rows together, as many as make some milliseconds of work.
    private void Arrange()
    {
        NetworkSpec spec = _source.Model.Spec;
        foreach (IGrouping<int, FleetTask> group in _tasks.Where(task => task.Excluded is null).GroupBy(task => task.Data.Rows).OrderBy(group => group.Key))
        {
            long n = group.Key * (_options.Coupling == OutputCoupling.Independent ? 1L : spec.Outputs);
            int most = n > LargestPacked ? 1 : (int)Math.Clamp(Math.Min(PartRows / group.Key, PartNumbers / (spec.Blocks.Length * n * n)), 1, PartRows);
            foreach (FleetTask[] tasks in group.Chunk(most))
            {
                _unprepared.Enqueue(n > LargestPacked ? new LargePart(_source, tasks[0], _options) : new PackedPart(_source, tasks, _options));
            }
        }
    }

    // A task on whose rows the network overflows is left out, and its part made again without it.
    private long PrepareOne(FleetPart part, long room)
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
}
