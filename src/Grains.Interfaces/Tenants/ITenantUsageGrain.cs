namespace AdaptCluster.Grains.Interfaces.Tenants;

/// <summary>Knows what a tenant has, and refuses more than its quota. Keyed by the tenant, escaped. Asked only where there are quotas.</summary>
[Alias("adapt.ITenantUsageGrain")]
public interface ITenantUsageGrain : IGrainWithStringKey
{
    /// <summary>Takes note of tasks and bytes that are about to be kept, or that were deleted (negative).</summary>
    /// <exception cref="Errors.QuotaExceededException">They are too many; nothing is noted.</exception>
    [Alias("Change")]
    Task ChangeAsync(int tasks, long bytes, CancellationToken cancellationToken = default);

    /// <summary>Takes note of an adaptation that is about to begin; again for one that was begun.</summary>
    /// <exception cref="Errors.QuotaExceededException">Too many are under way.</exception>
    [Alias("BeginSolve")]
    Task BeginSolveAsync(Guid solve, CancellationToken cancellationToken = default);

    /// <summary>An adaptation has ended, in whichever way.</summary>
    [Alias("EndSolve")]
    Task EndSolveAsync(Guid solve, CancellationToken cancellationToken = default);

    /// <summary>What the tenant has.</summary>
    [Alias("Describe")]
    Task<TenantUsage> DescribeAsync(CancellationToken cancellationToken = default);
}
