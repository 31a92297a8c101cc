using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace AdaptCluster.Grains.Tests.Errors;

/// <summary>What a caller in another process sees when the store fails under a grain.</summary>
[Collection(nameof(SharedSilo))]
public sealed class ErrorsThroughTheClientTests(SharedSilo shared)
{
    private readonly Problem _problem = new();

    [Theory]
    [InlineData("describe")]
    [InlineData("observe")]
    [InlineData("adapt")]
    [InlineData("predict")]
    [InlineData("delete")]
    public async Task TaskCall_RecordIsDamaged_StoreExceptionThatNamesIt(string call)
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        await DamageAsync(shared.Silo.Grains.GetGrain<ITargetTaskGrain>(task.Key.ToString()).GetGrainId(), "task");

        StoreException error = await Assert.ThrowsAsync<StoreException>(() => call switch
        {
            "describe" => task.DescribeAsync(),
            "observe" => task.ObserveAsync(_problem.Rows(3)),
            "adapt" => task.AdaptAsync(_problem.Rows(3)),
            "predict" => task.PredictAsync(_problem.NewInputs(1)),
            _ => task.DeleteAsync(),
        });

        Assert.False(error.IsRetryable);
        Assert.Contains("a record in the store is damaged (its checksum differs); restore the store from a backup.", error.Message, StringComparison.Ordinal);
        Assert.Contains("source/t", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task SourceCalls_RecordIsDamaged_StoreException()
    {
        AdaptClient client = shared.NewTenant();
        SourceHandle source = client.Source("s");
        await DamageAsync(shared.Silo.Grains.GetGrain<ISourceTaskGrain>(source.Key.ToString()).GetGrainId(), "source");

        await Assert.ThrowsAsync<StoreException>(() => source.DescribeAsync());
        await Assert.ThrowsAsync<StoreException>(() => source.RegisterAsync(_problem.Registration));
        await Assert.ThrowsAsync<StoreException>(() => source.TrainAsync(
            _problem.Rows(9), InputSchema.Numeric("a", "b"), ["y"], new TrainingOptions()));
        await Assert.ThrowsAsync<StoreException>(() => source.FitPriorAsync([new TaskRows("t", _problem.Rows(4))], new PriorFitOptions()));
        await Assert.ThrowsAsync<StoreException>(() => source.Task("t").AdaptAsync(_problem.Rows(4)));
    }

    [Fact]
    public async Task ListCalls_IndexIsDamaged_StoreException()
    {
        AdaptClient client = shared.NewTenant();
        await DamageAsync(shared.Silo.Grains.GetGrain<ISourceIndexGrain>(client.Tenant).GetGrainId(), "source-index");

        await Assert.ThrowsAsync<StoreException>(() => client.ListSourcesAsync());
    }

    [Fact]
    public async Task AdaptManyAsync_OneRecordIsDamaged_TheOthersAreAdapted()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        await DamageAsync(shared.Silo.Grains.GetGrain<ITargetTaskGrain>(source.Task("bad").Key.ToString()).GetGrainId(), "task");
        TaskRows[] tasks = [new("a", _problem.Rows(4)), new("bad", _problem.Rows(4)), new("c", _problem.Rows(4))];

        var outcomes = new List<TaskOutcome>();
        await foreach (TaskOutcome outcome in source.AdaptManyAsync(tasks))
        {
            outcomes.Add(outcome);
        }

        Assert.IsType<StoreException>(Assert.Single(outcomes, outcome => outcome.Error is not null).Error);
        Assert.Equal(["a", "c"], outcomes.Where(outcome => outcome.Error is null).Select(outcome => outcome.Task).Order());
    }

    [Fact]
    public async Task TaskCall_ModelFileIsMissing_StoreException()
    {
        // A network that no other test has: the silo keeps what it has read, so it must be read by a new one.
        using var folder = new TemporaryFolder();
        await using (TestSilo silo = await TestSilo.StartAsync(folder.Path))
        {
            await _problem.RegisterAsync(silo.Client("a"));
        }

        string file = Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "tensors", "models")));
        File.Delete(file);
        await using TestSilo again = await TestSilo.StartAsync(folder.Path);
        TaskHandle task = again.Client("a").Source("source").Task("t");

        StoreException error = await Assert.ThrowsAsync<StoreException>(() => task.AdaptAsync(_problem.Rows(4)));

        Assert.Equal($"'{file}' is missing; restore it from a backup.", error.Message);
        Assert.Equal(TargetTaskStatus.Stale, (await task.DescribeAsync()).Status);
    }

    [Fact]
    public async Task TaskCall_DeviceTakesNoMoreWork_BusyAndTheRowsAndAttemptsStay()
    {
        using var folder = new TemporaryFolder();
        var full = new DeviceOptions { Threads = 1, MaxQueuedOperations = 0 };
        await using TestSilo silo = await TestSilo.StartAsync(folder.Path, full);
        TaskHandle task = (await _problem.RegisterAsync(new AdaptClient(silo.Silo.Grains, "a"))).Task("t"); // a connection would not ask again at once

        // More often than a task is tried whose silo dies: a refusal is no attempt.
        for (int i = 0; i < 5; i++)
        {
            BusyException error = await Assert.ThrowsAsync<BusyException>(() => task.AdaptAsync(_problem.Rows(4)));
            Assert.Equal((TimeSpan.FromSeconds(1), true), (error.RetryAfter, error.IsRetryable));
            Assert.Equal("the device has 0 operations waiting and takes no more; try again in 1 s.", error.Message);
        }

        TaskDescription described = await task.DescribeAsync();
        Assert.Equal((TargetTaskStatus.Stale, 4), (described.Status, described.Observations));
    }

    [Fact]
    public async Task ConnectAsync_NobodyListens_ClusterUnreachable()
    {
        var options = new ClusterConnectionOptions { Gateways = [new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 1)], ConnectTimeout = TimeSpan.FromSeconds(3) };

        ClusterUnreachableException error = await Assert.ThrowsAsync<ClusterUnreachableException>(() => ClusterConnection.ConnectAsync(options));

        Assert.Equal("no silo answers at 127.0.0.1:1; start one with 'adapt silo' or check the address.", error.Message);
        Assert.Equal("127.0.0.1:1", error.Addresses);
    }

    /// <summary>Puts a record under a grain's key whose checksum is wrong, as a flipped bit does.</summary>
    private async Task DamageAsync(GrainId grain, string state)
    {
        IDatabase store = shared.Silo.Silo.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        await store.HashSetAsync($"adaptcluster/state/{grain}/{state}", [new HashEntry("etag", "1"), new HashEntry("data", new byte[40])]);
    }
}
