using AdaptCluster.Grains.Telemetry;
using Microsoft.Extensions.Options;

namespace AdaptCluster.Grains.Devices;

/// <summary>
/// A silo's memory for iterative solves, as a budget: who wants to allocate reserves first, and is told at once when there
/// is too little. Nobody waits here, so that nobody can wait for each other. Thread-safe.
/// </summary>
internal sealed class SolveMemory
{
    private readonly Lock _gate = new();
    private long _reserved;
    private int _reservations;

    public SolveMemory(IOptions<DeviceOptions> options, AdaptInstruments instruments)
    {
        TotalBytes = options.Value.SolveMemoryBytes;
        instruments.ObserveSolveMemory(() => TotalBytes - FreeBytes);
    }

    /// <summary>The budget.</summary>
    public long TotalBytes { get; }

    /// <summary>What nobody has reserved.</summary>
    public long FreeBytes
    {
        get
        {
            lock (_gate)
            {
                return TotalBytes - _reserved;
            }
        }
    }

    /// <summary>How many reservations there are.</summary>
    public int Reservations
    {
        get
        {
            lock (_gate)
            {
                return _reservations;
            }
        }
    }

    /// <summary>Reserves bytes until it is disposed; null if there are too few now.</summary>
    public SolveReservation? TryReserve(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        lock (_gate)
        {
            if (bytes > TotalBytes - _reserved)
            {
                return null;
            }

            _reserved += bytes;
            _reservations++;
            return new SolveReservation(this, bytes);
        }
    }

    internal void Release(long bytes)
    {
        lock (_gate)
        {
            _reserved -= bytes;
            _reservations--;
        }
    }
}
