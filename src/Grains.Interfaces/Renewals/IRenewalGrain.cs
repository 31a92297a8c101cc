using Orleans.Concurrency;

namespace AdaptCluster.Grains.Interfaces.Renewals;

/// <summary>Adapts a source's tasks anew when it has a new prior, in the background. Keyed by <see cref="Naming.SourceKey"/>; survives its silo.</summary>
[Alias("adapt.IRenewalGrain")]
public interface IRenewalGrain : IGrainWithStringKey
{
    /// <summary>Begins, durably when this returns; harmless for a version that it knows. A newer version takes the place of one under way.</summary>
    /// <param name="priorVersion">The version of the prior.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="Errors.StoreException">The store cannot keep it.</exception>
    [Alias("Start")]
    [AlwaysInterleave]
    Task StartAsync(int priorVersion, CancellationToken cancellationToken = default);

    /// <summary>How far it is; null where no prior was ever replaced.</summary>
    [Alias("Describe")]
    [AlwaysInterleave]
    Task<RenewalDescription?> DescribeAsync(CancellationToken cancellationToken = default);
}
