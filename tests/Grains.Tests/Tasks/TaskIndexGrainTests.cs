using System.Collections.Immutable;
using AdaptCluster.Grains.State;
using AdaptCluster.Grains.Tasks;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Tasks;

public sealed class TaskIndexGrainTests
{
    /// <summary>More than are written as changes.</summary>
    private const int Many = 300;
    private const int MostChanges = 256;

    private readonly FakePersistentState<Stored<TaskIndexState>> _list = new();
    private readonly FakePersistentState<Stored<TaskIndexChanges>> _storage = new();

    [Fact]
    public Task AddAsync_TwoHundredWhileOneIsWritten_ShareTheSecondWrite() => OnOneThreadAsync(async () =>
    {
        TaskIndexGrain index = await ActivateAsync();

        Task[] adds = [.. Enumerable.Range(0, 200).Select(i => index.AddAsync($"{i:000}", CancellationToken.None))];
        Assert.Single(_storage.Written);
        _storage.EndWrite(0);
        await adds[0];
        await Eventually.IsTrueAsync(() => _storage.Written.Count == 2, "the rest is not written");

        Assert.All(adds[1..], add => Assert.False(add.IsCompleted, "acknowledged before it was written"));
        _storage.EndWrite(1);
        await Task.WhenAll(adds);
        Assert.Equal(2, _storage.Written.Count);
        Assert.Equal(["000"], _storage.Written[0].Value!.Added);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i:000}"), _storage.Written[1].Value!.Added.Order(StringComparer.Ordinal));
        Assert.Empty(_list.Written);
    });

    [Fact]
    public Task AddAsync_NameThatIsHeld_WritesNothing() => OnOneThreadAsync(async () =>
    {
        _storage.Immediate = true;
        TaskIndexGrain index = await ActivateAsync();

        await index.AddAsync("a", CancellationToken.None);
        await index.AddAsync("a", CancellationToken.None);
        await index.RemoveAsync("b", CancellationToken.None);

        Assert.Single(_storage.Written);
    });

    [Fact]
    public Task AddAsync_SameNameWhileItIsWritten_AcknowledgedWithTheWrite() => OnOneThreadAsync(async () =>
    {
        TaskIndexGrain index = await ActivateAsync();

        Task first = index.AddAsync("a", CancellationToken.None);
        Task second = index.AddAsync("a", CancellationToken.None);

        Assert.False(second.IsCompleted, "acknowledged before it was written");
        _storage.EndWrite(0);
        await Task.WhenAll(first, second);
        Assert.Single(_storage.Written);
    });

    [Fact]
    public Task AddAsync_WriteFails_NotListedAndWrittenByTheRetry() => OnOneThreadAsync(async () =>
    {
        TaskIndexGrain index = await ActivateAsync();

        Task failing = index.AddAsync("a", CancellationToken.None);
        _storage.EndWrite(0, new IOException("full"));
        await Assert.ThrowsAsync<IOException>(() => failing);
        Assert.Empty(await index.ListAsync(CancellationToken.None));

        Task retry = index.AddAsync("a", CancellationToken.None);
        _storage.EndWrite(1);
        await retry;
        Assert.Equal(["a"], await index.ListAsync(CancellationToken.None));
    });

    [Fact]
    public Task AddAsync_MoreThanChangesHold_ListIsWrittenAndChangesBeginAnew() => OnOneThreadAsync(async () =>
    {
        (_list.Immediate, _storage.Immediate) = (true, true);
        TaskIndexGrain index = await ActivateAsync();

        await AddAsync(index, 0, Many);
        await index.AddAsync("x", CancellationToken.None);
        await index.RemoveAsync("007", CancellationToken.None);

        Assert.Equal(Names(0, MostChanges + 1), Assert.Single(_list.Written).Value!.Names);
        Assert.Equal([.. Names(MostChanges + 1, Many - MostChanges - 1), "x"], _storage.Written[^1].Value!.Added.Order(StringComparer.Ordinal));
        Assert.Equal(["007"], _storage.Written[^1].Value!.Removed);
        Assert.Equal([.. Names(0, Many).Where(name => name != "007"), "x"], await ListAgainAsync());
    });

    [Fact]
    public Task AddAsync_EndsBetweenListAndChanges_EverythingAcknowledgedIsListed() => OnOneThreadAsync(async () =>
    {
        (_list.Immediate, _storage.Immediate) = (true, true);
        TaskIndexGrain index = await ActivateAsync();
        await AddAsync(index, 0, 200);
        await index.RemoveAsync("000", CancellationToken.None);
        await index.RemoveAsync("001", CancellationToken.None);

        // The first name is acknowledged alone, the others with the list; of the two writes of that the second fails.
        _storage.Immediate = false;
        int written = _storage.Written.Count;
        Task adds = AddAsync(index, 0, Many);
        _storage.EndWrite(written);
        await Eventually.IsTrueAsync(() => _storage.Written.Count == written + 2, "the changes are not written");
        Assert.False(adds.IsCompleted, "acknowledged too early");
        _storage.State = _storage.Written[written];
        Assert.Superset(new HashSet<string>(Names(2, 198).Append("000")), new HashSet<string>(await ListAgainAsync()));
        _storage.EndWrite(written + 1, new IOException("gone"));
        await Assert.ThrowsAsync<IOException>(() => adds);

        // Whoever repeats it is acknowledged with the changes alone, and what was added is there.
        _storage.Immediate = true;
        await AddAsync(index, 0, Many);
        Assert.Single(_list.Written);
        Assert.Equal(Names(0, Many), await index.ListAsync(CancellationToken.None));
        Assert.Equal(Names(0, Many), await ListAgainAsync());
    });

    [Fact]
    public Task AddAsync_ListIsNotWritten_NothingLostAndWrittenByTheRetry() => OnOneThreadAsync(async () =>
    {
        _storage.Immediate = true;
        TaskIndexGrain index = await ActivateAsync();

        Task adds = AddAsync(index, 0, Many);
        Task removed = index.RemoveAsync("001", CancellationToken.None);
        _list.EndWrite(0, new IOException("full"));
        await Assert.ThrowsAsync<IOException>(() => adds);
        await Assert.ThrowsAsync<IOException>(() => removed);
        Assert.Equal(Names(0, MostChanges), await ListAgainAsync());

        _list.Immediate = true;
        await AddAsync(index, 2, Many - 2);
        Assert.Equal(Names(0, Many).Where(name => name != "001"), await ListAgainAsync());
    });

    private static IEnumerable<string> Names(int first, int count) => Enumerable.Range(first, count).Select(i => $"{i:000}");

    private static Task AddAsync(TaskIndexGrain index, int first, int count) =>
        Task.WhenAll(Names(first, count).Select(name => index.AddAsync(name, CancellationToken.None)));

    /// <summary>As a grain's scheduler does: one piece of work at a time.</summary>
    private static Task OnOneThreadAsync(Func<Task> test) => Task.Factory.StartNew(
        test, CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    private async Task<TaskIndexGrain> ActivateAsync()
    {
        var index = new TaskIndexGrain(_list, _storage);
        await index.OnActivateAsync(CancellationToken.None);
        return index;
    }

    // From what was written, as another silo would.
    private async Task<ImmutableArray<string>> ListAgainAsync() => await (await ActivateAsync()).ListAsync(CancellationToken.None);
}
