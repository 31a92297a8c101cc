using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Numerics.Tensors;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace AdaptCluster.Grains.Solves;

/// <inheritdoc cref="ISiloDeviceGrain"/>
[Immovable]
internal sealed class SiloDeviceGrain(DeviceLane lane, SolveMemory memory, IOptions<DeviceOptions> options, ILocalSiloDetails silo) : Grain, ISiloDeviceGrain
{
    private DeviceSpeed? _speed;

    public async Task<SiloDeviceDescription> DescribeAsync(CancellationToken cancellationToken)
    {
        string address = silo.SiloAddress.ToParsableString();
        if (address != this.GetPrimaryKeyString())
        {
            // Its silo was gone when it was asked for, so it came to be elsewhere: whoever asks sees that by the address.
            DeactivateOnIdle();
        }

        DeviceSpeed speed = _speed ??= await lane.RunAsync(LanePriority.Interactive, context => context.Speed, cancellationToken);
        return new SiloDeviceDescription(
            address, options.Value.Name, options.Value.Threads, memory.FreeBytes, memory.TotalBytes, speed.SingleFlops / 1e9, speed.DoubleFlops / 1e9);
    }
}
