using AdaptCluster.Silo.Stores;
using AdaptCluster.Silo.Tests.Support;
using AdaptCluster.Tests.Shared;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Tests.Stores;

/// <summary>
/// Many records in one trip, each with its own version check and answer, in the format of Orleans' storage: against a Redis server, against the embedded store, and where
/// hardly any version is known, so that the store is asked by the script.
/// </summary>
public sealed class GroupedWritesTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private EmbeddedStore? _store;
    private RedisServer? _redis;
    private ConnectionMultiplexer _connection = null!;

    /// <summary>Which store, and whether versions are known.</summary>
    public enum Way
    {
        Redis,
        Embedded,
        EmbeddedForgetting,
    }

    public static TheoryData<Way> Ways => [Way.Redis, Way.Embedded, Way.EmbeddedForgetting];

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _store?.Dispose();
        await (_redis?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task WriteAsync_ManyAtOnce_EachIsThereWithVersionAndContent(Way way)
    {
        GroupedWrites writes = await OpenAsync(way);
        RecordWrite[] records = [.. Enumerable.Range(0, 500).Select(i => Record($"k{i}", string.Empty, $"e{i}", (byte)i))];

        bool[] written = await Task.WhenAll(records.Select(writes.WriteAsync));

        Assert.All(written, Assert.True);
        foreach (RecordWrite record in records)
        {
            await IsThereAsync(record);
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task WriteAsync_SomeOfAnotherVersion_ThoseAreRefusedAndTheOthersWritten(Way way)
    {
        GroupedWrites writes = await OpenAsync(way);
        RecordWrite[] first = [.. Enumerable.Range(0, 40).Select(i => Record($"k{i}", string.Empty, $"e{i}", 1))];
        await Task.WhenAll(first.Select(writes.WriteAsync));

        RecordWrite[] second = [.. Enumerable.Range(0, 40).Select(i => Record($"k{i}", i % 4 == 0 ? "stale" : i % 4 == 1 ? string.Empty : $"e{i}", $"f{i}", 2))];
        bool[] written = await Task.WhenAll(second.Select(writes.WriteAsync));

        for (int i = 0; i < written.Length; i++)
        {
            Assert.Equal(i % 4 >= 2, written[i]);
            await IsThereAsync(written[i] ? second[i] : first[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task WriteAsync_RecordsOfAnotherWriter_TheirVersionDecides(Way way)
    {
        GroupedWrites writes = await OpenAsync(way);
        RecordWrite there = Record("k", string.Empty, "old", 1);
        await _connection.GetDatabase().HashSetAsync("k", [new HashEntry("data", there.Content), new HashEntry("etag", "old")]);

        Assert.False(await writes.WriteAsync(Record("k", string.Empty, "e1", 2)));
        Assert.False(await writes.WriteAsync(Record("k", "other", "e1", 2)));
        await IsThereAsync(there);
        Assert.True(await writes.WriteAsync(Record("k", "old", "e1", 2)));
        await IsThereAsync(Record("k", "old", "e1", 2));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task WriteAsync_OneRecordTwiceAtOnce_TheSecondFollowsTheFirst(Way way)
    {
        GroupedWrites writes = await OpenAsync(way);
        RecordWrite last = Record("k", "e1", "e2", 2);

        bool[] written = await Task.WhenAll(
            writes.WriteAsync(Record("other", string.Empty, "e", 0)), writes.WriteAsync(Record("k", string.Empty, "e1", 1)), writes.WriteAsync(last));

        Assert.All(written, Assert.True);
        await IsThereAsync(last);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task WriteAsync_ManyWritersOfOneRecord_OneOfEachVersionSucceeds(Way way)
    {
        GroupedWrites writes = await OpenAsync(way);
        string etag = string.Empty;
        for (int round = 0; round < 30; round++)
        {
            RecordWrite[] rivals = [.. Enumerable.Range(0, 8).Select(w => Record("k", etag, $"{round}/{w}", (byte)w))];

            bool[] written = await Task.WhenAll(rivals.Select(rival => Task.Run(() => writes.WriteAsync(rival))));

            RecordWrite winner = rivals[Array.IndexOf(written, true)];
            Assert.Single(written, true);
            await IsThereAsync(winner);
            etag = winner.NewETag;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task WriteAsync_TheStoreIsGone_EachWriterIsToldAndLaterOnesToo(Way way)
    {
        GroupedWrites writes = await OpenAsync(way);
        RecordWrite[] known = [.. Enumerable.Range(0, 5).Select(k => Record($"k{k}", string.Empty, "e", 0))];
        await Task.WhenAll(known.Select(writes.WriteAsync));
        await _connection.CloseAsync();

        foreach (int i in new[] { 0, 1 })
        {
            Task<bool>[] lost = [.. known.Select(record => writes.WriteAsync(Record($"{record.Key}", "e", "f", 0)))];
            foreach (Task<bool> one in lost)
            {
                await Assert.ThrowsAnyAsync<Exception>(() => one);
            }
        }
    }

    private async Task<GroupedWrites> OpenAsync(Way way)
    {
        if (way == Way.Redis)
        {
            Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
            _redis = await RedisServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
            _connection = await ConnectionMultiplexer.ConnectAsync(_redis.Address);
        }
        else
        {
            _store = EmbeddedStore.Start(_folder["store"], StoreMemory.DefaultBytes);
            _connection = await ConnectionMultiplexer.ConnectAsync(_store.Connection());
        }

        return new GroupedWrites(_connection, way == Way.EmbeddedForgetting ? new RecordVersions(TimeProvider.System, most: 1) : new RecordVersions(TimeProvider.System));
    }

    private static RecordWrite Record(string key, string etag, string next, byte content) => new(key, etag, next, Enumerable.Repeat(content, 3_000).ToArray());

    // Two fields of a hash: what Orleans' Redis storage reads.
    private async Task IsThereAsync(RecordWrite record)
    {
        HashEntry[] fields = await _connection.GetDatabase().HashGetAllAsync(record.Key);
        Assert.Equal(["data", "etag"], fields.Select(field => $"{field.Name}").Order());
        Assert.Equal(record.NewETag, fields.Single(field => field.Name == "etag").Value);
        Assert.Equal(record.Content.ToArray(), (byte[]?)fields.Single(field => field.Name == "data").Value);
    }
}
