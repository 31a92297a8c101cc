using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tenants;
using AdaptCluster.Grains.State;
using Microsoft.Extensions.Options;

namespace AdaptCluster.Grains.Tenants;

/// <inheritdoc cref="ITenantUsageGrain"/>
/// <remarks>
/// The counts run along in memory and are written every few seconds: a crash may leave them somewhat off. Before anybody is refused the
/// tenant's tasks are counted themselves, so that nobody is refused for what is not there.
/// </remarks>
internal sealed class TenantUsageGrain(
    [PersistentState("usage", GrainStorage.Name)] IPersistentState<Stored<TenantUsageState>> storage,
    IOptions<QuotaOptions> options,
    TimeProvider clock) : Grain, ITenantUsageGrain
{
    private const int DescribedAtOnce = 256;

    private static readonly TimeSpan s_writePeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_countAgain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(1);

    /// <summary>An adaptation that nobody has said anything of for so long has ended with its silo.</summary>
    private static readonly TimeSpan s_forget = TimeSpan.FromMinutes(30);

    private readonly Dictionary<Guid, DateTimeOffset> _solves = [];
    private DurableState<TenantUsageState> _state = null!;
    private TenantUsageState _now = new(0, 0);
    private DateTimeOffset _counted = DateTimeOffset.MinValue;

    private string Tenant => Uri.UnescapeDataString(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _state = new DurableState<TenantUsageState>(storage);
        if (_state.Current is { } known)
        {
            _now = known;
        }
        else
        {
            await CountAsync(cancellationToken);
        }

        this.RegisterGrainTimer(WriteAsync, new GrainTimerCreationOptions(s_writePeriod, s_writePeriod) { KeepAlive = false });
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => WriteAsync(cancellationToken);

    public async Task ChangeAsync(int tasks, long bytes, CancellationToken cancellationToken)
    {
        if (IsTooMuch(tasks, bytes) && clock.GetUtcNow() - _counted > s_countAgain)
        {
            await CountAsync(cancellationToken);
        }

        Require(_now.Tasks + tasks, options.Value.Tasks, "tasks", tasks);
        Require(_now.Bytes + bytes, options.Value.Bytes, "bytes of observations", bytes);
        _now = new TenantUsageState(Math.Max(0, _now.Tasks + tasks), Math.Max(0, _now.Bytes + bytes));
    }

    public Task BeginSolveAsync(Guid solve, CancellationToken cancellationToken)
    {
        DateTimeOffset now = clock.GetUtcNow();
        foreach (Guid forgotten in _solves.Where(entry => now - entry.Value > s_forget).Select(entry => entry.Key).ToArray())
        {
            _solves.Remove(forgotten);
        }

        if (!_solves.ContainsKey(solve) && _solves.Count >= options.Value.Solves)
        {
            throw new QuotaExceededException(Tenant, "adaptations under way", options.Value.Solves.Value, s_retryAfter);
        }

        _solves[solve] = now;
        return Task.CompletedTask;
    }

    public Task EndSolveAsync(Guid solve, CancellationToken cancellationToken)
    {
        _solves.Remove(solve);
        return Task.CompletedTask;
    }

    public Task<TenantUsage> DescribeAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new TenantUsage(_now.Tasks, _now.Bytes, _solves.Count));

    private bool IsTooMuch(int tasks, long bytes) =>
        (tasks > 0 && _now.Tasks + tasks > options.Value.Tasks) || (bytes > 0 && _now.Bytes + bytes > options.Value.Bytes);

    private void Require(long then, long? most, string what, long change)
    {
        if (change > 0 && then > most)
        {
            throw new QuotaExceededException(Tenant, what, most.Value);
        }
    }

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        long tasks = 0, bytes = 0;
        foreach (string name in await GrainFactory.GetGrain<ISourceIndexGrain>(this.GetPrimaryKeyString()).ListAsync(cancellationToken))
        {
            var source = new SourceKey(Tenant, name);
            (long ofSource, long rows) = await CountAsync(source, cancellationToken);
            tasks += ofSource;
            bytes += rows == 0 ? 0 : rows * await RowBytesAsync(source, cancellationToken);
        }

        _now = new TenantUsageState(tasks, bytes);
        _counted = clock.GetUtcNow();
    }

    private async Task<(long Tasks, long Rows)> CountAsync(SourceKey source, CancellationToken cancellationToken)
    {
        long tasks = 0, rows = 0;
        for (int part = 0; part < TaskIndexKey.Parts; part++)
        {
            ImmutableArray<string> names = await GrainFactory.GetGrain<ITaskIndexGrain>(new TaskIndexKey(source, part).ToString()).ListAsync(cancellationToken);
            foreach (string[] some in names.Chunk(DescribedAtOnce))
            {
                int?[] observations = await Task.WhenAll(some.Select(name => RowsAsync(new TaskKey(source.Tenant, source.Source, name), cancellationToken)));
                tasks += observations.Count(count => count is not null);
                rows += observations.Sum(count => count ?? 0L);
            }
        }

        return (tasks, rows);
    }

    // Null: a name without a task, which is passed over.
    private async Task<int?> RowsAsync(TaskKey task, CancellationToken cancellationToken)
    {
        try
        {
            return (await GrainFactory.GetGrain<ITargetTaskGrain>(task.ToString()).DescribeAsync(cancellationToken)).Observations;
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    private async Task<long> RowBytesAsync(SourceKey source, CancellationToken cancellationToken)
    {
        SourceDescription described = await GrainFactory.GetGrain<ISourceTaskGrain>(source.ToString()).DescribeAsync(cancellationToken);
        return (described.Network.Inputs + described.Targets.Length) * (long)sizeof(double);
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (_state.Current == _now)
        {
            return;
        }

        try
        {
            await _state.CommitAsync(_now, cancellationToken);
        }
        catch (StoreException error) when (error.IsRetryable)
        {
            // Written the next time.
        }
    }
}
