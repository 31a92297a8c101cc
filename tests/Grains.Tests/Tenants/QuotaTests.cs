using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tenants;
using AdaptCluster.Grains.Tenants;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Tenants;

/// <summary>What a tenant may have at most, and that others have theirs.</summary>
public sealed class QuotaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Problem _problem = new();

    /// <summary>Of one row of the problem: two inputs and one target.</summary>
    private const int RowBytes = 3 * sizeof(double);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Adapt_MoreTasksThanAllowed_RefusedUntilOneIsDeleted()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Path, quotas: new QuotaOptions { Tasks = 2 });
        SourceHandle source = await _problem.RegisterAsync(silo.Client("a"));
        await source.Task("one").AdaptAsync(_problem.Rows(3));
        await source.Task("two").ObserveAsync(_problem.Rows(3));

        QuotaExceededException error = await Assert.ThrowsAsync<QuotaExceededException>(() => source.Task("three").AdaptAsync(_problem.Rows(3)));

        Assert.Equal("tenant 'a' may have 2 tasks and no more; delete some tasks, or have its quota raised.", error.Message);
        Assert.Equal(("a", "tasks", 2L, false), (error.Tenant, error.What, error.Most, error.IsRetryable));
        Assert.Equal(["one", "two"], await source.ListTaskNamesAsync());
        await source.Task("one").AdaptAsync(_problem.Rows(3, seed: 2));
        await (await _problem.RegisterAsync(silo.Client("b"))).Task("three").AdaptAsync(_problem.Rows(3));

        await source.Task("two").DeleteAsync();
        await source.Task("three").AdaptAsync(_problem.Rows(3));
        Assert.Equal(new TenantUsage(2, 9 * RowBytes, 0), await UsageAsync(silo, "a"));
    }

    [Fact]
    public async Task Observe_MoreBytesThanAllowed_RefusedAndNothingIsKept()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Path, quotas: new QuotaOptions { Bytes = 10 * RowBytes });
        SourceHandle source = await _problem.RegisterAsync(silo.Client("a"));
        await source.Task("one").ObserveAsync(_problem.Rows(8));

        QuotaExceededException error = await Assert.ThrowsAsync<QuotaExceededException>(() => source.Task("one").ObserveAsync(_problem.Rows(3, seed: 2)));

        Assert.Equal(("bytes of observations", 10L * RowBytes), (error.What, error.Most));
        Assert.Equal(8, (await source.Task("one").DescribeAsync()).Observations);
        await source.Task("one").ObserveAsync(_problem.Rows(2, seed: 3));
    }

    [Fact]
    public async Task Restart_WithQuotasForTheFirstTime_WhatIsThereIsCounted()
    {
        await using (TestSilo before = await TestSilo.StartAsync(_folder.Path))
        {
            SourceHandle filled = await _problem.RegisterAsync(before.Client("a"));
            await filled.Task("one").AdaptAsync(_problem.Rows(4));
            await filled.Task("two").ObserveAsync(_problem.Rows(5));
        }

        await using TestSilo silo = await TestSilo.StartAsync(_folder.Path, quotas: new QuotaOptions { Tasks = 2 });
        SourceHandle source = silo.Client("a").Source("source");

        Assert.Equal(new TenantUsage(2, 9 * RowBytes, 0), await UsageAsync(silo, "a"));
        await Assert.ThrowsAsync<QuotaExceededException>(() => source.Task("three").ObserveAsync(_problem.Rows(2)));
    }

    [Fact]
    public async Task BeginSolve_MoreThanAllowedAtATime_RetryableUntilOneEnds()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Path, quotas: new QuotaOptions { Solves = 1 });
        SourceHandle source = await _problem.RegisterAsync(silo.Client("a"));
        ITenantUsageGrain usage = silo.Grains.GetGrain<ITenantUsageGrain>("a");
        var held = Guid.NewGuid();
        await usage.BeginSolveAsync(held);
        await usage.BeginSolveAsync(held);

        QuotaExceededException error = await Assert.ThrowsAsync<QuotaExceededException>(() => source.Task("one").AdaptAsync(_problem.Rows(3)));

        Assert.True(error.IsRetryable);
        Assert.Equal(TimeSpan.FromSeconds(1), error.RetryAfter);
        await usage.EndSolveAsync(held);
        Assert.Equal(1, (await source.Task("one").AdaptAsync(_problem.Rows(3))).Posterior!.Version);
        await source.Task("one").AdaptAsync(_problem.Rows(3, seed: 2));
    }

    private static Task<TenantUsage> UsageAsync(TestSilo silo, string tenant) =>
        silo.Grains.GetGrain<ITenantUsageGrain>(Uri.EscapeDataString(tenant)).DescribeAsync();
}
