using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Tasks;

[Collection(nameof(SharedSilo))]
public sealed class TaskIndexTests(SharedSilo shared)
{
    [Fact]
    public async Task AddAsync_TwoHundredNamesAtOnce_AllListedInOrder()
    {
        ITaskIndexGrain index = Index();
        string[] names = [.. Enumerable.Range(0, 200).Select(i => $"task {i}")];

        await Task.WhenAll(names.Select(name => index.AddAsync(name)));

        Assert.Equal(names.Order(StringComparer.Ordinal), await index.ListAsync());
    }

    [Fact]
    public async Task RemoveAsync_BesideAdds_OnlyTheRemovedAreGone()
    {
        ITaskIndexGrain index = Index();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => index.AddAsync($"{i:00}")));

        await Task.WhenAll(
            Enumerable.Range(0, 20).Where(i => i % 2 == 0).Select(i => index.RemoveAsync($"{i:00}"))
                .Concat(Enumerable.Range(20, 10).Select(i => index.AddAsync($"{i:00}"))));
        await index.RemoveAsync("never there");

        Assert.Equal(
            Enumerable.Range(0, 30).Where(i => i >= 20 || i % 2 == 1).Select(i => $"{i:00}"), await index.ListAsync());
    }

    [Fact]
    public async Task ListTasksAsync_ManyTasks_EachDescribedOnceInOrder()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        string[] names = [.. Enumerable.Range(0, 60).Select(i => $"customer {i}")];
        await Task.WhenAll(names.Select((name, i) => source.Task(name).ObserveAsync(problem.Rows(2 + (i % 3), seed: i))));

        var described = new List<TaskDescription>();
        await foreach (TaskDescription task in source.ListTasksAsync())
        {
            described.Add(task);
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), described.Select(task => task.Name));
        Assert.Equal(names.Select((_, i) => 2 + (i % 3)).Sum(), described.Sum(task => task.Observations));
    }

    private ITaskIndexGrain Index() => shared.Silo.Grains.GetGrain<ITaskIndexGrain>(
        new TaskIndexKey(new SourceKey(shared.NewTenant().Tenant, "s"), 0).ToString());
}
