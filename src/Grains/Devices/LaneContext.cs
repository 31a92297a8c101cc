using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Grains.Devices;

/// <summary>What lives on the device. Only the lane's thread sees it, so nothing here is synchronised.</summary>
public sealed class LaneContext : IDisposable
{
    private readonly ByteBudgetCache<string, SourceNetwork> _networks;
    private readonly int _threads;
    private DeviceSpeed? _speed;

    internal LaneContext(torch.Device device, DeviceOptions options, Telemetry.AdaptInstruments instruments)
    {
        Device = device;
        _threads = options.Threads;
        Posteriors = new PosteriorCache(options.PosteriorCacheBytes, instruments);
        _networks = new ByteBudgetCache<string, SourceNetwork>(
            "network", options.NetworkCacheBytes, instruments, hash => Posteriors.RemoveAll(key => key.ModelHash == hash));
    }

    /// <summary>The device.</summary>
    public torch.Device Device { get; }

    internal PosteriorCache Posteriors { get; }

    /// <summary>What solves keep on the device.</summary>
    internal ResidentSolves Solves { get; } = new();

    /// <summary>How fast the device is with all its threads; measured the first time.</summary>
    internal DeviceSpeed Speed
    {
        get
        {
            if (_speed is null)
            {
                Plan(double.PositiveInfinity);
                _speed = DeviceSpeed.Measure(Device);
                Plan(0);
            }

            return _speed.Value;
        }
    }

    /// <summary>
    /// Chooses the threads by the work that follows: small work is faster on one. An operation starts on one thread, whatever
    /// ran before it, so that its last bits depend on its own work alone; a large one says so first.
    /// </summary>
    /// <param name="flops">About how many floating-point operations it has.</param>
    public void Plan(double flops) => TorchRuntime.UseThreadsFor(flops, _threads);

    /// <summary>The network of a model, loaded if it is not there. Owned by the cache: use it within one operation.</summary>
    /// <param name="hash">The model's content hash.</param>
    /// <param name="model">The model.</param>
    public SourceNetwork Network(string hash, SourceModel model) =>
        _networks.GetOrAdd(hash, () => new SourceNetwork(model, Device), network => network.Bytes);

    /// <summary>Frees everything on the device.</summary>
    public void Dispose()
    {
        Solves.Dispose();
        Posteriors.Dispose();
        _networks.Dispose();
    }
}
