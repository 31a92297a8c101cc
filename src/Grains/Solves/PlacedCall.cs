using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Grains.Solves;

/// <summary>Calls to one placement of a grain: tells what was lost from what failed, and knows since when it is silent.</summary>
/// <param name="grain">The grain of this placement.</param>
/// <param name="silo">Where it is, or is to come to be.</param>
/// <param name="devices">The silos that are alive.</param>
/// <param name="options">How long silence means that it is lost.</param>
/// <param name="clock">The time.</param>
/// <param name="retries">Told why a call is made again.</param>
internal sealed class PlacedCall<TGrain>(TGrain grain, string silo, SiloDevices devices, SolveOptions options, TimeProvider clock, Action<string> retries)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private long _heard = clock.GetTimestamp();
    private bool _siloIsGone;

    /// <summary>Whether its silo does not take part in the cluster any more.</summary>
    public bool IsSiloGone => _siloIsGone || !devices.IsActive(silo);

    /// <summary>Whether it must be placed anew: its silo is gone, or it has been silent for too long.</summary>
    public bool IsLost => IsSiloGone || clock.GetElapsedTime(_heard) > options.Silence;

    /// <summary>One call; null if its reply was lost, or it said that it may succeed later.</summary>
    /// <exception cref="AdaptException">What it said, where asking again would not help.</exception>
    /// <exception cref="ShardBrokeException">It met an error that is none of its own.</exception>
    public async Task<T?> SendAsync<T>(Func<TGrain, Task<T>> call, TimeSpan deadline, CancellationToken cancellationToken)
        where T : class
    {
        SiloDevices.Hint(silo);
        try
        {
            T reply = await call(grain).WaitAsync(deadline, clock, cancellationToken);
            _heard = clock.GetTimestamp();
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
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It was freed, or its silo ends, while it worked.
        }
        catch (AdaptException error) when (error.IsRetryable)
        {
            _heard = clock.GetTimestamp();
            retries(error.Message);
        }
        catch (Exception error) when (error is not (OperationCanceledException or AdaptException))
        {
            throw new ShardBrokeException($"met an internal error ({error.GetType().Name}: {error.Message.Split('\n')[0]})", error);
        }

        await Task.Delay(s_pause, clock, cancellationToken);
        return null;
    }

    /// <summary>One call whose loss does no harm, and for which one waits a little.</summary>
    public async Task TryAsync(Func<TGrain, Task> call, TimeSpan patience)
    {
        try
        {
            if (devices.IsActive(silo))
            {
                SiloDevices.Hint(silo);
                await call(grain).WaitAsync(patience, clock);
            }
        }
        catch (Exception error) when (error is OrleansException or TimeoutException)
        {
            // It is gone, or does by itself what it was asked to when nobody asks it for a while.
        }
    }

    /// <summary>One call that nobody waits for.</summary>
    public void Post(Func<TGrain, Task> call)
    {
        SiloDevices.Hint(silo);
        call(grain).Ignore();
    }
}
