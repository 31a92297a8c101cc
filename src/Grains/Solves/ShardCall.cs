using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Solves;

namespace AdaptCluster.Grains.Solves;

/// <summary>Calls to one placement of a shard: what it says against them names it.</summary>
internal sealed class ShardCall(FleetContext fleet, int shard, ShardPlacement placement)
{
    private readonly PlacedCall<IJacobianShardGrain> _call = new(
        fleet.Grains.GetGrain<IJacobianShardGrain>(SolveKeys.Shard(fleet.Key, shard, placement.Number)),
        placement.Silo,
        fleet.Devices,
        fleet.Options,
        fleet.Clock,
        problem => fleet.Logger.Retries(fleet.Key, problem));

    /// <summary>Whether it must be placed anew: its silo is gone, or it has been silent for too long.</summary>
    public bool IsLost => _call.IsLost;

    /// <summary>One call; null if its reply was lost, or it said that it may succeed later.</summary>
    /// <exception cref="AdaptationFailedException">The shard failed; the message names it.</exception>
    /// <exception cref="ShardBrokeException">It met an error that is none of its own.</exception>
    public async Task<T?> SendAsync<T>(Func<IJacobianShardGrain, Task<T>> call, TimeSpan deadline, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await _call.SendAsync(call, deadline, cancellationToken);
        }
        catch (AdaptException error)
        {
            throw new AdaptationFailedException($"shard {shard} on silo {placement.Silo}: {error.Message}");
        }
    }

    /// <summary>Asks it to free everything, and waits a little for that.</summary>
    public Task ReleaseAsync(TimeSpan patience) => _call.TryAsync(grain => grain.ReleaseAsync(CancellationToken.None), patience);

    /// <summary>Says that it is still needed, without waiting.</summary>
    public void Keep() => _call.Post(grain => grain.KeepAsync(CancellationToken.None));
}
