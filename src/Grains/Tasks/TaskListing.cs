using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Grains.Tasks;

/// <summary>A task's name in its source's index. Whatever was acknowledged is listed; a listed name without a task is passed over.</summary>
/// <param name="grains">Where the index is.</param>
/// <param name="key">Which task.</param>
internal sealed class TaskListing(IGrainFactory grains, TaskKey key)
{
    private bool _isListed;

    private ITaskIndexGrain Index => grains.GetGrain<ITaskIndexGrain>(TaskIndexKey.For(key).ToString());

    /// <summary>Until the task's first posterior each activation makes sure once that the name is there.</summary>
    /// <param name="durable">What the store has of the task; null: nothing yet.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task EnsureAsync(TargetTaskState? durable, CancellationToken cancellationToken)
    {
        if (!_isListed && durable?.Posterior is null)
        {
            await Index.AddAsync(key.Task, cancellationToken);
            _isListed = true;
        }
    }

    /// <summary>Takes the name out.</summary>
    public Task RemoveAsync(CancellationToken cancellationToken)
    {
        _isListed = false;
        return Index.RemoveAsync(key.Task, cancellationToken);
    }
}
