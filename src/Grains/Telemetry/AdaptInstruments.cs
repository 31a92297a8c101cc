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
    private readonly Counter<long> _refused;
    private readonly Histogram<int> _laneBatch;
    private readonly Counter<long> _adaptations;
    private readonly Histogram<double> _adaptationDuration;
    private readonly Counter<long> _predictedRows;
    private readonly Counter<long> _observedRows;
    private readonly Counter<long> _taskTransitions;
    private readonly Counter<long> _tensorBytes;
    private readonly Counter<long> _solves;
    private readonly Histogram<double> _solveDuration;
    private readonly Counter<long> _solveIterations;
    private readonly Histogram<double> _solveResidual;
    private readonly Counter<long> _solveBytes;
    private readonly Counter<long> _solveMessages;
    private readonly Counter<long> _shardReloads;

    /// <summary>Creates the instruments.</summary>
    public AdaptInstruments()
    {
        _cacheHits = _meter.CreateCounter<long>("adapt.cache.hits", "{entry}", "Found in a device or model cache.");
        _cacheMisses = _meter.CreateCounter<long>("adapt.cache.misses", "{entry}", "Not found in a device or model cache.");
        _cacheEvictions = _meter.CreateCounter<long>("adapt.cache.evictions", "{entry}", "Evicted to stay within the budget.");
        _laneBusy = _meter.CreateCounter<double>("adapt.lane.busy", "s", "Time that the device lane computed.");
        _refused = _meter.CreateCounter<long>("adapt.lane.refused", "{operation}", "Calls refused by a full queue, or a silo with too much to do.");
        _laneBatch = _meter.CreateHistogram<int>("adapt.lane.batch", "{request}", "Requests that one operation of the device answered.");
        _adaptations = _meter.CreateCounter<long>("adapt.adaptations", "{adaptation}", "Adaptations by outcome.");
        _adaptationDuration = _meter.CreateHistogram<double>("adapt.adaptation.duration", "s", "From request to durable posterior.");
        _predictedRows = _meter.CreateCounter<long>("adapt.predicted.rows", "{row}", "Rows predicted.");
        _observedRows = _meter.CreateCounter<long>("adapt.observed.rows", "{row}", "Rows made durable.");
        _taskTransitions = _meter.CreateCounter<long>("adapt.task.transitions", "{transition}", "Durable state changes of tasks, by new state.");
        _tensorBytes = _meter.CreateCounter<long>("adapt.tensor.bytes", "By", "Bytes through the tensor store, by direction.");
        _solves = _meter.CreateCounter<long>("adapt.solves", "{solve}", "Iterative solves by outcome.");
        _solveDuration = _meter.CreateHistogram<double>("adapt.solve.duration", "s", "From the last time that it was taken up to its end.");
        _solveIterations = _meter.CreateCounter<long>("adapt.solve.iterations", "{iteration}", "Steps of conjugate gradients.");
        _solveResidual = _meter.CreateHistogram<double>("adapt.solve.residual", "1", "Relative residuals of ended solves, recomputed.");
        _solveBytes = _meter.CreateCounter<long>("adapt.solve.bytes", "By", "Payload between coordinators and shards, by direction.");
        _solveMessages = _meter.CreateCounter<long>("adapt.solve.messages", "{message}", "Messages between coordinators and shards, by direction.");
        _shardReloads = _meter.CreateCounter<long>("adapt.shard.reloads", "{reload}", "Shards that were loaded again.");
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

    internal void SolveEnded(TimeSpan elapsed, string outcome)
    {
        var tag = new KeyValuePair<string, object?>("outcome", outcome);
        _solves.Add(1, tag);
        _solveDuration.Record(elapsed.TotalSeconds, tag);
    }

    internal void SolveIterated(int steps) => _solveIterations.Add(steps);

    internal void SolveResidual(double relative) => _solveResidual.Record(relative);

    internal void SolveSent(long bytes) => Count("out", bytes);

    internal void SolveReceived(long bytes) => Count("in", bytes);

    internal void ShardReloaded() => _shardReloads.Add(1);

    internal void CacheHit(string cache) => _cacheHits.Add(1, new KeyValuePair<string, object?>("cache", cache));

    internal void CacheMiss(string cache) => _cacheMisses.Add(1, new KeyValuePair<string, object?>("cache", cache));

    internal void CacheEviction(string cache) => _cacheEvictions.Add(1, new KeyValuePair<string, object?>("cache", cache));

    internal void LaneBusy(TimeSpan elapsed) => _laneBusy.Add(elapsed.TotalSeconds);

    internal void Refused() => _refused.Add(1);

    internal void LaneAnswered(int requests) => _laneBatch.Record(requests);

    internal void Adapted(TimeSpan elapsed, string outcome)
    {
        var tag = new KeyValuePair<string, object?>("outcome", outcome);
        _adaptations.Add(1, tag);
        _adaptationDuration.Record(elapsed.TotalSeconds, tag);
    }

    internal void Predicted(int rows) => _predictedRows.Add(rows);

    internal void Observed(int rows) => _observedRows.Add(rows);

    internal void TaskTransition(string state) => _taskTransitions.Add(1, new KeyValuePair<string, object?>("state", state));

    private void Count(string direction, long bytes)
    {
        var tag = new KeyValuePair<string, object?>("direction", direction);
        _solveBytes.Add(bytes, tag);
        _solveMessages.Add(1, tag);
    }
}
