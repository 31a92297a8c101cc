using AdaptCluster.Grains.State;
using AdaptCluster.Grains.Tasks;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Tasks;

public sealed class TaskIndexGrainTests
{
    private readonly FakePersistentState<Stored<TaskIndexState>> _storage = new();

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
        Assert.Equal(["000"], _storage.Written[0].Value!.Names);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i:000}"), _storage.Written[1].Value!.Names);
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

    /// <summary>As a grain's scheduler does: one piece of work at a time.</summary>
    private static Task OnOneThreadAsync(Func<Task> test) => Task.Factory.StartNew(
        test, CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    private async Task<TaskIndexGrain> ActivateAsync()
    {
        var index = new TaskIndexGrain(_storage);
        await index.OnActivateAsync(CancellationToken.None);
        return index;
    }
}
