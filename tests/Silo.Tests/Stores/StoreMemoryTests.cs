using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.Stores;
using AdaptCluster.Silo.Tests.Support;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Tests.Stores;

/// <summary>A store whose memory is used up drops its oldest records; nobody may be told that such a record was kept.</summary>
public sealed class StoreMemoryTests : IDisposable
{
    private const int RecordBytes = 4_096;

    /// <summary>The least that the store starts with: a few pages.</summary>
    private const long MemoryBytes = 32 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RequireRoomFor_RecordsUntilItIsFull_RefusedBeforeAnyIsDropped()
    {
        using EmbeddedStore store = EmbeddedStore.Start(_folder["store"], MemoryBytes);
        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(store.Connection());
        using var memory = new StoreMemory(connection, _folder["store"], TimeProvider.System);
        await memory.CheckAsync();

        int kept = 0;
        StoreException full = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            for (; kept < 4 * MemoryBytes / RecordBytes; kept += 100)
            {
                memory.RequireRoomFor(100 * RecordBytes, isNew: true);
                await WriteAsync(connection, kept, 100);
                await memory.CheckAsync();
            }
        });

        Assert.Contains("is full: its records use", full.Message, StringComparison.Ordinal);
        Assert.True(kept * RecordBytes > MemoryBytes / 2, $"{kept} records are refused far too early");
        Assert.Equal(kept, await CountAsync(connection, kept));
        await memory.CheckAsync();
        memory.RequireRoomFor(RecordBytes, isNew: false);
    }

    [Fact]
    public async Task Check_RecordsWereDropped_RefusedWithTheRemedy()
    {
        using EmbeddedStore store = EmbeddedStore.Start(_folder["store"], MemoryBytes);
        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(store.Connection());
        using var memory = new StoreMemory(connection, _folder["store"], TimeProvider.System);
        int written = (int)(2 * MemoryBytes / RecordBytes);
        for (int first = 0; first < written; first += 100)
        {
            await WriteAsync(connection, first, 100);
        }

        // That they are gone is what this is about: should a later Garnet keep them, all of this may go.
        Assert.True(await CountAsync(connection, written) < written, "the store keeps more than its memory holds");
        StoreException error = await Assert.ThrowsAsync<StoreException>(memory.CheckAsync);
        Assert.Contains("has more records than fit in", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsRetryable);
    }

    private static Task WriteAsync(ConnectionMultiplexer connection, int first, int count) => Task.WhenAll(Enumerable.Range(first, count).Select(
        i => connection.GetDatabase().HashSetAsync($"record {i}", [new HashEntry("etag", "1"), new HashEntry("data", new byte[RecordBytes])])));

    private static async Task<int> CountAsync(ConnectionMultiplexer connection, int count)
    {
        bool[] there = await Task.WhenAll(Enumerable.Range(0, count).Select(i => connection.GetDatabase().KeyExistsAsync($"record {i}")));
        return there.Count(isThere => isThere);
    }
}
