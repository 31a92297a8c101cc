using AdaptCluster.Grains.Devices;

namespace AdaptCluster.Grains.Tests.Panels;

/// <summary>Holds a device lane until it is disposed: what is begun meanwhile has not ended.</summary>
internal sealed class HeldLane : IDisposable
{
    private readonly ManualResetEventSlim _released = new();
    private readonly Task _held;

    public HeldLane(DeviceLane lane)
    {
        _held = lane.RunAsync(LanePriority.Interactive, _ => _released.Wait(TimeSpan.FromMinutes(1)));
    }

    public void Dispose()
    {
        _released.Set();
        _held.GetAwaiter().GetResult();
        _released.Dispose();
    }
}
