using System.Collections.Immutable;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>Which tasks of a fleet take part in a fit. Looks at all of them together, wherever each is computed. One thread at a time.</summary>
public sealed class FleetRoster
{
    private readonly FleetStanding[] _tasks;

    /// <summary>Leaves out the tasks that could spoil a prior.</summary>
    /// <param name="members">All tasks of the fleet, in its order.</param>
    /// <exception cref="ArgumentException">There are no tasks, or none can take part.</exception>
    public FleetRoster(IReadOnlyList<FleetMember> members)
        : this(Standings(members))
    {
    }

    /// <param name="tasks">All tasks of the fleet, in its order; borrowed: who is left out is noted there.</param>
    internal FleetRoster(FleetStanding[] tasks)
    {
        _tasks = tasks;
        FleetScreen.ByRows(tasks);
        FleetScreen.BySquares(tasks);
        Summary = Summarise();
    }

    /// <summary>The number of tasks, those that are excluded with them.</summary>
    public int TaskCount => _tasks.Length;

    /// <summary>What the fit needs to know before it starts, of the tasks that take part.</summary>
    public FleetSummary Summary { get; private set; }

    /// <summary>The tasks that take no part.</summary>
    public ImmutableArray<ExcludedTask> Excluded => [.. _tasks.Where(task => task.Excluded is not null).Select(task => new ExcludedTask(task.Index, task.Excluded!))];

    /// <summary>Leaves tasks out from now on.</summary>
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

    private static FleetStanding[] Standings(IReadOnlyList<FleetMember> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        return members.Count == 0
            ? throw new ArgumentException("A fleet prior needs at least one task.", nameof(members))
            :
            [
                .. members.Select((member, t) => new FleetStanding(t, member.Rows, member.Observations)
                {
                    Excluded = member.Excluded,
                    SourceSquares = member.SourceSquares,
                    MeanSquares = member.MeanSquares,
                    BlockTraces = [.. member.BlockTraces],
                }),
            ];
    }

    // In the tasks' order, wherever their numbers come from: the same bits.
    private FleetSummary Summarise()
    {
        FleetStanding[] included = [.. _tasks.Where(task => task.Excluded is null)];
        return included.Length == 0
            ? throw new ArgumentException($"No task of the fleet can take part; of task {_tasks[0].Index}: {_tasks[0].Excluded}.")
            : included.Select(task => task.Summary).Aggregate((left, right) => left + right);
    }
}
