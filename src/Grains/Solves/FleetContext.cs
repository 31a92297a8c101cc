using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solves;
using Microsoft.Extensions.Logging;

namespace AdaptCluster.Grains.Solves;

/// <summary>What all shards of a solve have in common, as its coordinator sees them.</summary>
internal sealed class FleetContext
{
    /// <summary>The coordinator's key.</summary>
    public required string Key { get; init; }

    public required SolveOrder Order { get; init; }

    public required long Session { get; init; }

    public required SolvePlan Plan { get; init; }

    public required NetworkSpec Spec { get; init; }

    public required Prior Prior { get; init; }

    public required SolveOptions Options { get; init; }

    public required IGrainFactory Grains { get; init; }

    public required SiloDevices Devices { get; init; }

    public required TimeProvider Clock { get; init; }

    public required ILogger Logger { get; init; }

    public required AdaptInstruments Instruments { get; init; }

    /// <summary>Payload bytes that went to shards and came back.</summary>
    public long Bytes { get; private set; }

    /// <summary>Messages that carried them.</summary>
    public long Messages { get; private set; }

    /// <summary>Times that a shard was loaded again.</summary>
    public int Reloads { get; private set; }

    public void Sent(int bytes)
    {
        Count(bytes);
        Instruments.SolveSent(bytes);
    }

    public void Received(int bytes)
    {
        Count(bytes);
        Instruments.SolveReceived(bytes);
    }

    public void Reloaded()
    {
        Reloads++;
        Instruments.ShardReloaded();
    }

    private void Count(int bytes)
    {
        Bytes += bytes;
        Messages++;
    }
}
