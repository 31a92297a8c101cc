using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Tenants;
using Microsoft.Extensions.Options;

namespace AdaptCluster.Grains.Tenants;

/// <summary>A task's dealings with its tenant's quotas. Without quotas no message is sent.</summary>
internal sealed class TenantQuotas(IGrainFactory grains, IOptions<QuotaOptions> options)
{
    /// <summary>Before rows are kept.</summary>
    /// <exception cref="Interfaces.Errors.QuotaExceededException">They would be too many.</exception>
    public Task AddAsync(TaskKey task, bool isNew, long bytes, CancellationToken cancellationToken) =>
        options.Value.Any ? Of(task).ChangeAsync(isNew ? 1 : 0, bytes, cancellationToken) : Task.CompletedTask;

    /// <summary>After a task was deleted.</summary>
    public Task RemoveAsync(TaskKey task, long bytes) => options.Value.Any ? Of(task).ChangeAsync(-1, -bytes) : Task.CompletedTask;

    /// <summary>Before an adaptation begins.</summary>
    /// <exception cref="Interfaces.Errors.QuotaExceededException">Too many are under way.</exception>
    public Task BeginAsync(TaskKey task, Guid solve, CancellationToken cancellationToken) =>
        options.Value.Solves is null ? Task.CompletedTask : Of(task).BeginSolveAsync(solve, cancellationToken);

    /// <summary>Before an adaptation that ends with the disposal.</summary>
    /// <exception cref="Interfaces.Errors.QuotaExceededException">Too many are under way.</exception>
    public async Task<IDisposable?> HoldAsync(TaskKey task, CancellationToken cancellationToken)
    {
        if (options.Value.Solves is null)
        {
            return null;
        }

        var solve = Guid.NewGuid();
        await BeginAsync(task, solve, cancellationToken);
        return new Held(() => End(task, solve));
    }

    /// <summary>After it has ended. Nobody waits for it: what is not heard of is forgotten after a time.</summary>
    public void End(TaskKey task, Guid solve)
    {
        if (options.Value.Solves is not null)
        {
            Of(task).EndSolveAsync(solve, CancellationToken.None).Ignore();
        }
    }

    private ITenantUsageGrain Of(TaskKey task) => grains.GetGrain<ITenantUsageGrain>(Uri.EscapeDataString(task.Tenant));

    private sealed class Held(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
