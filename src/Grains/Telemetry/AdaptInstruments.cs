using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AdaptCluster.Grains.Telemetry;

/// <summary>Every metric and trace of AdaptCluster's own, with units. One per process.</summary>
public sealed class AdaptInstruments : IDisposable
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "AdaptCluster";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _cacheHits;
    private readonly Counter<long> _cacheMisses;
    private readonly Counter<long> _cacheEvictions;
    private readonly Counter<double> _laneBusy;
    private readonly Counter<long> _laneRefused;
    private readonly Counter<long> _adaptations;
    private readonly Histogram<double> _adaptationDuration;
    private readonly Counter<long> _predictedRows;
    private readonly Counter<long> _observedRows;
    private readonly Counter<long> _taskTransitions;
    private readonly Counter<long> _tensorBytes;

    /// <summary>Creates the instruments.</summary>
    public AdaptInstruments()
    {
        _cacheHits = _meter.CreateCounter<long>("adapt.cache.hits", "{entry}", "Found in a device or model cache.");
        _cacheMisses = _meter.CreateCounter<long>("adapt.cache.misses", "{entry}", "Not found in a device or model cache.");
        _cacheEvictions = _meter.CreateCounter<long>("adapt.cache.evictions", "{entry}", "Evicted to stay within the budget.");
        _laneBusy = _meter.CreateCounter<double>("adapt.lane.busy", "s", "Time that the device lane computed.");
        _laneRefused = _meter.CreateCounter<long>("adapt.lane.refused", "{operation}", "Operations refused by a full queue.");
        _adaptations = _meter.CreateCounter<long>("adapt.adaptations", "{adaptation}", "Adaptations by outcome.");
        _adaptationDuration = _meter.CreateHistogram<double>("adapt.adaptation.duration", "s", "From request to durable posterior.");
        _predictedRows = _meter.CreateCounter<long>("adapt.predicted.rows", "{row}", "Rows predicted.");
        _observedRows = _meter.CreateCounter<long>("adapt.observed.rows", "{row}", "Rows made durable.");
        _taskTransitions = _meter.CreateCounter<long>("adapt.task.transitions", "{transition}", "Durable state changes of tasks, by new state.");
        _tensorBytes = _meter.CreateCounter<long>("adapt.tensor.bytes", "By", "Bytes through the tensor store, by direction.");
    }

    /// <summary>Where spans come from.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>Counts bytes written to or read from the tensor store.</summary>
    public void TensorBytes(string direction, long bytes) => _tensorBytes.Add(bytes, new KeyValuePair<string, object?>("direction", direction));

    internal void ObserveLaneQueue(Func<int> length) =>
        _meter.CreateObservableGauge("adapt.lane.queue", length, "{operation}", "Operations that wait for the device.");

    internal void ObserveSolveMemory(Func<long> reserved) =>
        _meter.CreateObservableGauge("adapt.solve.memory", reserved, "By", "Memory that shards and coordinators have reserved.");

    internal void CacheHit(string cache) => _cacheHits.Add(1, new KeyValuePair<string, object?>("cache", cache));

    internal void CacheMiss(string cache) => _cacheMisses.Add(1, new KeyValuePair<string, object?>("cache", cache));

    internal void CacheEviction(string cache) => _cacheEvictions.Add(1, new KeyValuePair<string, object?>("cache", cache));

    internal void LaneBusy(TimeSpan elapsed) => _laneBusy.Add(elapsed.TotalSeconds);

    internal void LaneRefused() => _laneRefused.Add(1);

    internal void Adapted(TimeSpan elapsed, string outcome)
    {
        var tag = new KeyValuePair<string, object?>("outcome", outcome);
        _adaptations.Add(1, tag);
        _adaptationDuration.Record(elapsed.TotalSeconds, tag);
    }

    internal void Predicted(int rows) => _predictedRows.Add(rows);

    internal void Observed(int rows) => _observedRows.Add(rows);

    internal void TaskTransition(string state) => _taskTransitions.Add(1, new KeyValuePair<string, object?>("state", state));
}
