using System.Diagnostics.Metrics;
using AdaptCluster.Grains.Telemetry;

namespace AdaptCluster.Bench.Clusters;

/// <summary>Reads the meters of a silo in this process: the seconds that its lane computed, and the most memory that solves had at once.</summary>
internal sealed class SolveMeter : IDisposable
{
    private const string Busy = "adapt.lane.busy";
    private const string Memory = "adapt.solve.memory";

    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly Timer _timer;
    private double _busy;
    private long _most;

    public SolveMeter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == AdaptInstruments.Name && instrument.Name is Busy or Memory)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => Note(seconds, 0));
        _listener.SetMeasurementEventCallback<long>((_, bytes, _, _) => Note(0, bytes));
        _listener.Start();
        _timer = new Timer(_ => _listener.RecordObservableInstruments(), null, Period, Period);
    }

    /// <summary>How often the memory is read.</summary>
    public static TimeSpan Period { get; } = TimeSpan.FromMilliseconds(20);

    /// <returns>Seconds, and bytes.</returns>
    public (double Busy, long Most) Read()
    {
        lock (_gate)
        {
            return (_busy, _most);
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _listener.Dispose();
    }

    private void Note(double seconds, long bytes)
    {
        lock (_gate)
        {
            _busy += seconds;
            _most = Math.Max(_most, bytes);
        }
    }
}
