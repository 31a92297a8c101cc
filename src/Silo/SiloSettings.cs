using System.Net;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Solves;

namespace AdaptCluster.Silo;

/// <summary>How one silo runs.</summary>
public sealed class SiloSettings
{
    /// <summary>Everything that lasts is under this folder; one process at a time serves it. Default <c>./.adapt</c>.</summary>
    public string DataDirectory { get; init; } = ".adapt";

    /// <summary>The address that clients connect to. Default loopback.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port that clients connect to; 0 for any free one. Default 0.</summary>
    public int Port { get; init; }

    /// <summary>What this process is to others that want the same data directory.</summary>
    public required SiloRole Role { get; init; }

    /// <summary>Writes traces and metrics to standard output. Default false.</summary>
    public bool ConsoleTelemetry { get; init; }

    /// <summary>The device and its budgets.</summary>
    public DeviceOptions Device { get; init; } = new();

    /// <summary>The periods and sizes of iterative solves.</summary>
    public SolveOptions Solves { get; init; } = new();

    /// <summary>Checks every value.</summary>
    /// <exception cref="InvalidInputException">One cannot be used.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(DataDirectory))
        {
            throw new InvalidInputException("--data-dir", "it is empty", "name a folder");
        }

        if (Port is < 0 or > ushort.MaxValue)
        {
            throw new InvalidInputException("--port", $"{Port} is no port", "give a number from 1 to 65535, or 0 for any free one");
        }

        Device.Validate();
        Solves.Validate();
    }
}
