using System.Diagnostics;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Panels;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Grains.Panels;

/// <summary>One block's solve on the device: the run and its only shard, in slices. Only the lane's thread uses it.</summary>
internal sealed class PanelSolve : IDisposable
{
    private readonly SolveRun _run;
    private readonly SolveShard _shard;
    private ShardWork? _work;

    public PanelSolve(LaneContext context, SourceModel model, RowMatrix inputs, PanelTargets targets, Prior prior, SolvePlan plan)
    {
        _run = SolveRun.CreatePanel(model, context.Device, prior, plan, inputs, targets);
        _shard = SolveShard.CreatePanel(model, context.Device, prior, plan, 0, inputs);
    }

    /// <summary>Where it stands.</summary>
    public SolveProgress Progress => _run.Progress;

    /// <summary>What it gave; null before it has ended.</summary>
    public PanelResult? Result => _run.Panel;

    /// <summary>The device time that it took.</summary>
    public TimeSpan DeviceTime { get; private set; }

    /// <summary>Goes on, for at least one part and until the time is over.</summary>
    /// <returns>Whether it has ended.</returns>
    /// <exception cref="Numerics.Errors.NumericsException">A matrix cannot be factorised, or the network overflows on a row.</exception>
    public bool Advance(TimeSpan slice)
    {
        long started = Stopwatch.GetTimestamp();
        do
        {
            Step(slice - Stopwatch.GetElapsedTime(started));
        }
        while (!_run.IsDone && Stopwatch.GetElapsedTime(started) < slice);
        DeviceTime += Stopwatch.GetElapsedTime(started);
        return _run.IsDone;
    }

    public void Dispose()
    {
        _work?.Dispose();
        _run.Dispose();
        _shard.Dispose();
    }

    private void Step(TimeSpan slice)
    {
        if (_run.Request is not { } request)
        {
            _run.Advance(slice);
            return;
        }

        _work ??= _shard.Start(request);
        if (_work.Advance(slice))
        {
            _run.Answer([_work.Answer!]);
            _work.Dispose();
            _work = null;
        }
    }
}
