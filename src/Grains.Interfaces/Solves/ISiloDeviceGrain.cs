using Orleans.Concurrency;

namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>Speaks for one silo's device. Keyed by the silo's address as it is written.</summary>
[Alias("adapt.ISiloDeviceGrain")]
public interface ISiloDeviceGrain : IGrainWithStringKey
{
    /// <summary>Describes the device; measures its speed the first time.</summary>
    [Alias("Describe")]
    [AlwaysInterleave]
    Task<SiloDeviceDescription> DescribeAsync(CancellationToken cancellationToken = default);
}
