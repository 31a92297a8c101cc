using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>The joint evidence of a whole fleet in this process. Borrows the source network, which must live longer. One thread at a time.</summary>
public sealed class FleetEvidence : IFleetEvidence, IDisposable
{
    private readonly FleetPortion _tasks;
    private readonly FleetRoster _roster;

    /// <summary>Samples the tasks' rows, linearises the source network at them, and excludes tasks that could spoil a prior.</summary>
    /// <param name="source">The network; borrowed.</param>
    /// <param name="tasks">At least one task, each with at least one row, in the data's units.</param>
    /// <param name="options">Sampling, seed, memory, prior mean and coupling.</param>
    /// <exception cref="ArgumentException">There are no tasks, none can take part, a task is empty or of the wrong width, or an option is out of range.</exception>
    /// <exception cref="NonFiniteOutputException">The network overflows on a row of every task.</exception>
    public FleetEvidence(SourceNetwork source, IReadOnlyList<TaskData> tasks, FleetFitOptions options)
    {
        _tasks = new FleetPortion(source, tasks, 0, options);
        try
        {
            // Whom a look at the rows alone leaves out need not be linearised.
            FleetScreen.ByRows(_tasks.Standings);
            while (!_tasks.Prepare())
            {
            }

            _roster = new FleetRoster(_tasks.Standings);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int TaskCount => _roster.TaskCount;

    /// <inheritdoc/>
    public FleetSummary Summary => _roster.Summary;

    /// <inheritdoc/>
    public ImmutableArray<ExcludedTask> Excluded => _roster.Excluded;

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
    public FleetEvidenceValue Evaluate(Prior prior, IReadOnlySet<int>? heldOut = null) => Complete(Begin(prior, heldOut));

    /// <inheritdoc/>
    public IFleetEvidence Without(IReadOnlySet<int> tasks) => new FleetSample(this, tasks, (prior, heldOut) => Complete(_tasks.Begin(prior, heldOut, tasks)));

    /// <summary>Starts an evaluation that is done a part at a time.</summary>
    /// <param name="prior">Where to evaluate.</param>
    /// <param name="heldOut">Tasks that are scored, but are in no sum.</param>
    /// <exception cref="ArgumentException">The prior does not fit the network, or has another mean or coupling than the options.</exception>
    public FleetPass Begin(Prior prior, IReadOnlySet<int>? heldOut = null) => _tasks.Begin(prior, heldOut);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">No task would be left.</exception>
    public void Exclude(IReadOnlyList<ExcludedTask> tasks) => _roster.Exclude(tasks);

    /// <inheritdoc/>
    public void Dispose() => _tasks.Dispose();

    private static FleetEvidenceValue Complete(FleetPass pass)
    {
        while (!pass.Advance())
        {
        }

        return pass.Result();
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
    public SpectraPass BeginSpectra(Prior prior) => _tasks.BeginSpectra(prior);
}
