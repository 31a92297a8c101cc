using System.Collections.Immutable;
using Orleans.Concurrency;

namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>Knows the names of a tenant's sources. Keyed by the tenant.</summary>
[Alias("adapt.ISourceIndexGrain")]
public interface ISourceIndexGrain : IGrainWithStringKey
{
    /// <summary>Adds a name, durably; adding it again is harmless.</summary>
    [Alias("Add")]
    Task AddAsync(string source, CancellationToken cancellationToken = default);

    /// <summary>The names, in ordinal order.</summary>
    [Alias("List")]
    [AlwaysInterleave]
    Task<ImmutableArray<string>> ListAsync(CancellationToken cancellationToken = default);
}
