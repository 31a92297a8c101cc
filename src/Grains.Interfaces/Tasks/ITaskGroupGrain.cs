using System.Collections.Immutable;
using Orleans.Concurrency;

namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>
/// Does for many tasks of a source in one message what <see cref="ITargetTaskGrain"/> does for each; keeps nothing. Keyed by
/// <see cref="Naming.TaskIndexKey"/>: it takes tasks of that part of the names, and those that are nowhere yet are placed on its silo. One task's error is its own.
/// </summary>
[Alias("adapt.ITaskGroupGrain")]
public interface ITaskGroupGrain : IGrainWithStringKey
{
    /// <summary>The most tasks of one message.</summary>
    const int MaxTasks = 256;

    /// <summary>Adds each task's batch and adapts it. What is told as adapted is durable when this returns.</summary>
    /// <param name="tasks">At most <see cref="MaxTasks"/>, none twice.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>By task, in their order. A task too large for a direct solve has status Solving: it was durably begun.</returns>
    /// <exception cref="Errors.InvalidInputException">There are too many tasks.</exception>
    [Alias("Adapt")]
    [AlwaysInterleave]
    Task<ImmutableArray<TaskAdaptation>> AdaptAsync(ImmutableArray<TaskObservations> tasks, CancellationToken cancellationToken = default);

    /// <summary>Predicts rows of each task from its latest posterior.</summary>
    /// <param name="tasks">At most <see cref="MaxTasks"/>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>By task, in their order.</returns>
    /// <exception cref="Errors.InvalidInputException">There are too many tasks.</exception>
    [Alias("Predict")]
    [AlwaysInterleave]
    Task<ImmutableArray<TaskPrediction>> PredictAsync(ImmutableArray<TaskQuery> tasks, CancellationToken cancellationToken = default);
}
