using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Grains.Solves;

/// <summary>All shards of a solve, as its coordinator sees them: places them over the silos and asks them together.</summary>
/// <param name="context">What they have in common.</param>
/// <param name="placed">Makes a placement durable.</param>
/// <param name="slownessChanged">Called when a shard becomes slow, or is no more.</param>
internal sealed class ShardFleet(FleetContext context, Func<IReadOnlyList<ShardPlacement>, Task> placed, Action slownessChanged) : IAsyncDisposable
{
    /// <summary>Freeing is a matter of milliseconds; who does not manage in this time is out of reach, and frees itself later.</summary>
    private static readonly TimeSpan s_releasePatience = TimeSpan.FromSeconds(1.5);

    private readonly CancellationTokenSource _end = new();
    private ShardLink[] _links = [];
    private Task _keeping = Task.CompletedTask;
    private long _sequence;

    /// <summary>The first question of the solve: who is loaded again is asked it again.</summary>
    public ShardRequest? FirstQuestion { get; private set; }

    /// <summary>The shards that keep the others waiting.</summary>
    public IEnumerable<int> Slow => Enumerable.Range(0, _links.Length).Where(shard => _links[shard].IsSlow);

    /// <summary>The time of all their devices.</summary>
    public TimeSpan Device => _links.Aggregate(TimeSpan.Zero, (sum, link) => sum + link.Device);

    /// <summary>Places and loads all shards.</summary>
    /// <param name="known">Where they were when the solve was last taken up; empty where that is not known.</param>
    /// <param name="placesAnew">Whether they are not to be there again.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SolveMemoryException">A silo has no room; what was loaded is released with this object.</exception>
    public async Task LoadAsync(IReadOnlyList<ShardPlacement> known, bool placesAnew, CancellationToken cancellationToken)
    {
        IReadOnlyList<ShardPlacement> placements = known.Count > 0 && !placesAnew
            ? known
            : await PlaceAllAsync(known.Count == 0 ? 0 : known.Max(placement => placement.Number) + 1, cancellationToken);
        _links = [.. placements.Select((placement, shard) => new ShardLink(context, this, shard, placement))];
        await PlacementsChangedAsync();
        await AllAsync((link, token) => link.LoadAsync(token), cancellationToken);
        _keeping = KeepAsync(_end.Token);
    }

    /// <summary>Asks all shards one question; the answers are in shard order and have been checked.</summary>
    public async Task<IReadOnlyList<byte[]>> AskAsync(ShardRequest request, CancellationToken cancellationToken)
    {
        FirstQuestion ??= request;
        long sequence = _sequence += 2;
        var answers = new byte[_links.Length][];
        await AllAsync(
            async (link, token) => answers[Array.IndexOf(_links, link)] = await link.AskAsync(sequence, request, token), cancellationToken);
        return answers;
    }

    /// <summary>Asks all shards to free what they hold.</summary>
    public Task ReleaseAsync() => Task.WhenAll(_links.Select(link => link.ReleaseAsync(s_releasePatience)));

    /// <summary>Where a shard that was lost is to go: not where it was, if there is another silo.</summary>
    public async Task<string> ChooseSiloAsync(string lost, CancellationToken cancellationToken)
    {
        while (true)
        {
            IReadOnlyList<SiloDeviceDescription> devices = await context.Devices.AskAsync(cancellationToken);
            SiloDeviceDescription? best = devices
                .OrderBy(device => device.Silo == lost)
                .ThenBy(device => device.FreeBytes < context.Order.Plan.ShardBytes)
                .ThenBy(device => _links.Count(link => link.Placement.Silo == device.Silo))
                .ThenByDescending(device => device.FreeBytes)
                .FirstOrDefault();
            if (best is not null)
            {
                return best.Silo;
            }

            await Task.Delay(context.Options.MemoryRetry, context.Clock, cancellationToken);
        }
    }

    /// <summary>Makes where the shards are durable.</summary>
    public Task PlacementsChangedAsync() => placed([.. _links.Select(link => link.Placement)]);

    /// <summary>Says that a shard became slow, or is no more.</summary>
    public void SlownessChanged() => slownessChanged();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _end.Dispose();
    }

    // Each to the silo with the fewest, of these the one with most memory free: shares follow the planner's order of devices.
    private async Task<IReadOnlyList<ShardPlacement>> PlaceAllAsync(int number, CancellationToken cancellationToken)
    {
        IReadOnlyList<SiloDeviceDescription> devices = await context.Devices.AskAsync(cancellationToken);
        if (devices.Count == 0)
        {
            throw new SolveMemoryException("no silo describes its device", isForever: false);
        }

        long bytes = context.Order.Plan.ShardBytes;
        if (devices.All(device => device.TotalBytes < bytes))
        {
            throw new SolveMemoryException(
                $"a shard needs {bytes >> 20} MB, and the largest silo has {devices.Max(device => device.TotalBytes) >> 20} MB for solves", isForever: true);
        }

        var free = devices.ToDictionary(device => device.Silo, device => device.FreeBytes, StringComparer.Ordinal);
        var shards = devices.ToDictionary(device => device.Silo, _ => 0, StringComparer.Ordinal);
        var placements = new List<ShardPlacement>();
        for (int shard = 0; shard < context.Plan.Shards.Length; shard++)
        {
            string silo = devices.Select(device => device.Silo)
                .OrderBy(name => free[name] < bytes)
                .ThenBy(name => shards[name])
                .First();
            free[silo] -= bytes;
            shards[silo]++;
            placements.Add(new ShardPlacement(number, silo));
        }

        return placements;
    }

    private Task AllAsync(Func<ShardLink, CancellationToken, Task> action, CancellationToken cancellationToken) => Together.AllAsync(_links, action, cancellationToken);

    // While the coordinator computes, or waits for a slow shard, the others must not think that nobody needs them.
    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(context.Options.IdleRelease / 3, context.Clock, cancellationToken);
            foreach (ShardLink link in _links)
            {
                link.Keep();
            }
        }
    }
}
