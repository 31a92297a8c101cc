using System.Collections.Immutable;
using Orleans.Concurrency;

namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>Knows the names of some of a source's tasks. Keyed by <see cref="Naming.TaskIndexKey"/>.</summary>
/// <remarks>Concurrent changes share one write: a thousand new tasks are a few writes.</remarks>
[Alias("adapt.ITaskIndexGrain")]
public interface ITaskIndexGrain : IGrainWithStringKey
{
    /// <summary>Adds a name, durably; adding it again is harmless.</summary>
    [Alias("Add")]
    [AlwaysInterleave]
    Task AddAsync(string task, CancellationToken cancellationToken = default);

    /// <summary>Removes a name, durably; removing it again is harmless.</summary>
    [Alias("Remove")]
    [AlwaysInterleave]
    Task RemoveAsync(string task, CancellationToken cancellationToken = default);

    /// <summary>The names, in ordinal order.</summary>
    [Alias("List")]
    [AlwaysInterleave]
    Task<ImmutableArray<string>> ListAsync(CancellationToken cancellationToken = default);
}
