using System.Net;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>Where a silo keeps what lasts, open and checked, and with it how the silo finds others. Ends with the silo.</summary>
internal abstract class SiloStore : IAsyncDisposable
{
    /// <summary>To the records, the reminders and whatever else speaks Redis.</summary>
    public abstract IConnectionMultiplexer Connection { get; }

    /// <summary>What is known of its records, where this silo alone writes them; null where others may.</summary>
    public abstract RecordVersions? Versions { get; }

    /// <summary>What it is called in errors, as in <c>the Redis server 127.0.0.1:6379</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What it is and where, for a person.</summary>
    public abstract string Description { get; }

    /// <summary>Adds where tensors are, how much room is left, and what runs as long as the silo does; it stops after the grains.</summary>
    public abstract void AddServices(IServiceCollection services);

    /// <summary>Sets how the silo finds others, and where it listens.</summary>
    public abstract void UseClustering(ISiloBuilder silo, SiloEndpoints endpoints);

    /// <summary>Tells others that the silo takes clients now.</summary>
    public virtual void Publish(IPEndPoint gateway)
    {
    }

    public abstract ValueTask DisposeAsync();
}
