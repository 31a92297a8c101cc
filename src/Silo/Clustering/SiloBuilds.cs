using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Hosting;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Clustering;

/// <summary>
/// Which builds the silos of a Redis server are: each keeps a note that ends with it. A silo that does not understand the messages
/// of the others is refused before it joins them.
/// </summary>
/// <remarks>Its own note is written before those of the others are read: of two that start together at least one sees the other.</remarks>
internal sealed class SiloBuilds : BackgroundService
{
    private const string Notes = "adapt/builds";

    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_renewal = TimeSpan.FromSeconds(4);

    private readonly IDatabase _database;
    private readonly BuildDescription _build;
    private readonly string _id = $"{Guid.NewGuid():N}";

    private SiloBuilds(IDatabase database, BuildDescription build)
    {
        _database = database;
        _build = build;
    }

    private string Key => $"{Notes}/{_id}";

    /// <summary>Leaves a note, unless silos that it does not go with have theirs.</summary>
    /// <exception cref="IncompatibleBuildException">Such silos run, or ran until seconds ago.</exception>
    public static async Task<SiloBuilds> JoinAsync(IConnectionMultiplexer connection, BuildDescription build)
    {
        var joined = new SiloBuilds(connection.GetDatabase(), build);
        await joined.NoteAsync();
        foreach (BuildDescription other in await joined.OthersAsync())
        {
            if (other.Protocol != build.Protocol)
            {
                await joined.LeaveAsync();
                joined.Dispose();
                throw new IncompatibleBuildException(
                    "this silo", build, "silos on the Redis server", other, "stop those first, or start the version that they are");
            }
        }

        return joined;
    }

    /// <summary>Takes the note away.</summary>
    public async Task LeaveAsync()
    {
        try
        {
            await _database.KeyDeleteAsync(Key);
            await _database.SetRemoveAsync(Notes, _id);
        }
        catch (Exception error) when (error is RedisException or TimeoutException or ObjectDisposedException)
        {
            // It ends by itself.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_renewal);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await NoteAsync();
                }
                catch (Exception error) when (error is RedisException or TimeoutException)
                {
                    // Noted the next time.
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo ends.
        }
    }

    private async Task NoteAsync()
    {
        await _database.StringSetAsync(Key, $"{_build.Protocol} {_build.Version}", s_life);
        await _database.SetAddAsync(Notes, _id);
    }

    private async Task<IReadOnlyList<BuildDescription>> OthersAsync()
    {
        var others = new List<BuildDescription>();
        foreach (RedisValue id in await _database.SetMembersAsync(Notes))
        {
            string? note = await _database.StringGetAsync($"{Notes}/{id}");
            if (note is null)
            {
                await _database.SetRemoveAsync(Notes, id);
            }
            else if (id != _id && note.Split(' ', 2) is [var protocol, var version] && int.TryParse(protocol, out int number))
            {
                others.Add(new BuildDescription(number, version));
            }
        }

        return others;
    }
}
