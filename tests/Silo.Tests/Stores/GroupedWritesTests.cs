using AdaptCluster.Silo.Stores;
using AdaptCluster.Silo.Tests.Support;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Tests.Stores;

/// <summary>Many records in one trip, each with its own version check and answer, in the format of Orleans' storage.</summary>
public sealed class GroupedWritesTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private EmbeddedStore _store = null!;
    private ConnectionMultiplexer _connection = null!;

    public async ValueTask InitializeAsync()
    {
        _store = EmbeddedStore.Start(_folder["store"]);
        _connection = await ConnectionMultiplexer.ConnectAsync(_store.Connection());
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _store.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteAsync_ManyAtOnce_EachIsThereWithVersionAndContent(bool isShared)
    {
        var writes = new GroupedWrites(_connection, isShared);
        RecordWrite[] records = [.. Enumerable.Range(0, 500).Select(i => Record($"k{i}", string.Empty, $"e{i}", (byte)i))];

        bool[] written = await Task.WhenAll(records.Select(writes.WriteAsync));

        Assert.All(written, Assert.True);
        foreach (RecordWrite record in records)
        {
            await IsThereAsync(record);
        }
    }

    [Fact]
    public async Task WriteAsync_SomeOfAnotherVersion_ThoseAreRefusedAndTheOthersWritten()
    {
        var writes = new GroupedWrites(_connection, isShared: true);
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

    [Fact]
    public async Task WriteAsync_OneRecordTwiceAtOnce_TheSecondFollowsTheFirst()
    {
        var writes = new GroupedWrites(_connection, isShared: true);
        RecordWrite last = Record("k", "e1", "e2", 2);

        bool[] written = await Task.WhenAll(
            writes.WriteAsync(Record("other", string.Empty, "e", 0)), writes.WriteAsync(Record("k", string.Empty, "e1", 1)), writes.WriteAsync(last));

        Assert.All(written, Assert.True);
        await IsThereAsync(last);
    }

    [Fact]
    public async Task WriteAsync_TheStoreIsGone_EachWriterIsToldAndLaterOnesToo()
    {
        var writes = new GroupedWrites(_connection, isShared: true);
        await _connection.CloseAsync();

        foreach (int i in new[] { 0, 1 })
        {
            Task<bool>[] lost = [.. Enumerable.Range(0, 5).Select(k => writes.WriteAsync(Record($"k{k}", string.Empty, "e", 0)))];
            foreach (Task<bool> one in lost)
            {
                await Assert.ThrowsAnyAsync<Exception>(() => one);
            }
        }
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
