using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Solves;

namespace AdaptCluster.Grains.Solves;

/// <summary>Calls to one placement of a shard: tells what was lost from what failed, and knows since when it is silent.</summary>
internal sealed class ShardCall(FleetContext fleet, int shard, ShardPlacement placement)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly IJacobianShardGrain _grain = fleet.Grains.GetGrain<IJacobianShardGrain>(SolveKeys.Shard(fleet.Key, shard, placement.Number));
    private long _heard = fleet.Clock.GetTimestamp();
    private bool _siloIsGone;

    /// <summary>Whether it must be placed anew: its silo is gone, or it has been silent for too long.</summary>
    public bool IsLost => _siloIsGone || !fleet.Devices.IsActive(placement.Silo) || fleet.Clock.GetElapsedTime(_heard) > fleet.Options.Silence;

    /// <summary>One call; null if its reply was lost, or it said that it may succeed later.</summary>
    /// <exception cref="AdaptationFailedException">The shard failed; the message names it.</exception>
    /// <exception cref="ShardBrokeException">It met an error that is none of its own.</exception>
    public async Task<T?> SendAsync<T>(Func<IJacobianShardGrain, Task<T>> call, TimeSpan deadline, CancellationToken cancellationToken)
        where T : class
    {
        SiloDevices.Hint(placement.Silo);
        try
        {
            T reply = await call(_grain).WaitAsync(deadline, fleet.Clock, cancellationToken);
            _heard = fleet.Clock.GetTimestamp();
            return reply;
        }
        catch (TimeoutException)
        {
            return null;
        }
        catch (SiloUnavailableException)
        {
            _siloIsGone = true;
        }
        catch (OrleansException)
        {
            // Rejected on its way, by a silo that starts or ends for example.
        }
        catch (AdaptException error) when (error.IsRetryable)
        {
            _heard = fleet.Clock.GetTimestamp();
            fleet.Logger.Retries(fleet.Key, error.Message);
        }
        catch (AdaptException error)
        {
            throw new AdaptationFailedException($"shard {shard} on silo {placement.Silo}: {error.Message}");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new ShardBrokeException($"met an internal error ({error.GetType().Name}: {error.Message.Split('\n')[0]})", error);
        }

        await Task.Delay(s_pause, fleet.Clock, cancellationToken);
        return null;
    }

    /// <summary>Asks it to free everything, and waits a little for that.</summary>
    public async Task ReleaseAsync(TimeSpan patience)
    {
        try
        {
            if (fleet.Devices.IsActive(placement.Silo))
            {
                SiloDevices.Hint(placement.Silo);
                await _grain.ReleaseAsync(CancellationToken.None).WaitAsync(patience, fleet.Clock);
            }
        }
        catch (Exception error) when (error is OrleansException or TimeoutException)
        {
            // It is gone, or frees itself when nobody asks it for a while.
        }
    }

    /// <summary>Says that it is still needed, without waiting.</summary>
    public void Keep()
    {
        SiloDevices.Hint(placement.Silo);
        _grain.KeepAsync(CancellationToken.None).Ignore();
    }
}
