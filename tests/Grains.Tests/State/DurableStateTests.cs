using AdaptCluster.Grains.State;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.State;

public sealed class DurableStateTests
{
    private readonly FakePersistentState<Stored<string>> _storage = new();

    [Fact]
    public void Current_NothingStored_Null() => Assert.Null(new DurableState<string>(_storage).Current);

    [Fact]
    public void Current_Stored_Read()
    {
        _storage.State = new Stored<string> { Value = "kept" };

        Assert.Equal("kept", new DurableState<string>(_storage).Current);
    }

    [Fact]
    public async Task CommitAsync_UntilTheWriteEnds_ReadersSeeTheOldValue()
    {
        _storage.State = new Stored<string> { Value = "old" };
        var state = new DurableState<string>(_storage);

        Task commit = state.CommitAsync("new");
        Assert.Equal("old", state.Current);
        _storage.EndWrite(0);
        await commit;

        Assert.Equal("new", state.Current);
        Assert.Equal("new", _storage.Written[0].Value);
    }

    [Fact]
    public async Task CommitAsync_WriteFails_TheOldValueStaysHereAndInWhatIsWrittenNext()
    {
        _storage.State = new Stored<string> { Value = "old" };
        var state = new DurableState<string>(_storage);

        Task commit = state.CommitAsync("new");
        _storage.EndWrite(0, new IOException("full"));

        Assert.Equal("full", (await Assert.ThrowsAsync<IOException>(() => commit)).Message);
        Assert.Equal("old", state.Current);
        Assert.Equal("old", _storage.State.Value);
    }

    [Fact]
    public async Task ClearAsync_Stored_Gone()
    {
        _storage.State = new Stored<string> { Value = "old" };
        var state = new DurableState<string>(_storage);

        await state.ClearAsync();

        Assert.Null(state.Current);
        Assert.Equal(1, _storage.Clears);
    }
}
