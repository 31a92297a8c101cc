using System.Collections.Immutable;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Client;

/// <summary>One tenant's view of a cluster: where every use of the SDK begins. Thread-safe.</summary>
public sealed class AdaptClient
{
    /// <summary>The tenant that is meant where none is named.</summary>
    public const string DefaultTenant = "default";

    private readonly IGrainFactory _grains;

    /// <summary>A view over a connected cluster client, or over a silo's own grain factory.</summary>
    /// <param name="grains">Where grains are found; see <see cref="Connections.ClusterConnection"/>.</param>
    /// <param name="tenant">The tenant.</param>
    /// <exception cref="InvalidInputException">The tenant's name cannot be used.</exception>
    public AdaptClient(IGrainFactory grains, string tenant = DefaultTenant)
    {
        ArgumentNullException.ThrowIfNull(grains);
        _grains = grains;
        Tenant = EntityName.Require(tenant, "tenant");
    }

    /// <summary>The tenant.</summary>
    public string Tenant { get; }

    /// <summary>A handle of a source task, which need not exist yet.</summary>
    /// <exception cref="InvalidInputException">The name cannot be used.</exception>
    public SourceHandle Source(string name) => new(_grains, new SourceKey(Tenant, EntityName.Require(name, "source")));

    /// <summary>The tenant's sources, by name.</summary>
    public async Task<IReadOnlyList<SourceDescription>> ListSourcesAsync(CancellationToken cancellationToken = default)
    {
        ImmutableArray<string> names = await _grains.GetGrain<ISourceIndexGrain>(Uri.EscapeDataString(Tenant)).ListAsync(cancellationToken);

        // A name is indexed before the source is registered, so that no source is ever missing from the list.
        SourceDescription?[] sources = await Task.WhenAll(names.Select(name => Source(name).DescribeIfExistsAsync(cancellationToken)));
        return [.. sources.OfType<SourceDescription>()];
    }

    /// <summary>Finds the one task with a name among all sources of the tenant.</summary>
    /// <exception cref="NotFoundException">No source has such a task.</exception>
    /// <exception cref="InvalidInputException">Several sources have one.</exception>
    public async Task<TaskHandle> FindTaskAsync(string task, CancellationToken cancellationToken = default)
    {
        EntityName.Require(task, "task");
        IReadOnlyList<SourceDescription> sources = await ListSourcesAsync(cancellationToken);
        var found = new List<TaskHandle>();
        foreach (SourceDescription source in sources)
        {
            TaskHandle handle = Source(source.Name).Task(task);
            if (await handle.DescribeIfExistsAsync(cancellationToken) is not null)
            {
                found.Add(handle);
            }
        }

        return found.Count switch
        {
            1 => found[0],
            0 => throw new NotFoundException("task", task, "'adapt tasks list' shows those there are"),
            _ => throw new InvalidInputException(
                "task",
                $"'{task}' exists under the sources {string.Join(", ", found.Select(handle => handle.Key.Source))}",
                "name one with --source"),
        };
    }
}
