using System.Diagnostics;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Grains.Solves;

/// <summary>
/// Runs one solve to its end: gets the memory, loads the shards, and carries questions and answers between
/// <see cref="SolveRun"/> on the lane and the shards. When a part of it finds no room, everything is released before it waits,
/// so that two solves never wait for each other.
/// </summary>
internal sealed class SolveDriver
{
    private readonly SolveServices _services;
    private readonly SolveOptions _options;
    private readonly TimeProvider _clock;
    private readonly string _key;
    private readonly SolveOrder _order;
    private readonly long _session;
    private readonly ISolveJournal _journal;
    private readonly SolvePlan _plan;
    private readonly Prior _prior;
    private readonly SolveTraffic _traffic;
    private readonly long _started;
    private SolveProgress _progress = new(SolvePhase.Preparing, 0, 1, 1, 1);
    private SolveStage _stage = SolveStage.Loading;
    private FleetContext? _context;
    private ShardFleet? _fleet;
    private TimeSpan _device;
    private int _reloads;

    internal SolveDriver(SolveServices services, string key, SolveOrder order, long session, ISolveJournal journal)
    {
        _services = services;
        _options = services.Shards.Options.Value;
        _clock = services.Shards.Clock;
        _key = key;
        _order = order;
        _session = session;
        _journal = journal;
        _plan = PlanMapping.ToPlan(order.Plan);
        _prior = PriorMapping.ToPrior(order.Prior);
        _traffic = new SolveTraffic(_clock);
        _started = _clock.GetTimestamp();
    }

    /// <summary>Seconds so far.</summary>
    public TimeSpan Elapsed => _clock.GetElapsedTime(_started);

    /// <summary>What the solve took, once it has ended.</summary>
    public (TimeSpan Device, SolveTraffic Traffic, int Reloads) Cost => (_device, _traffic, _reloads);

    /// <summary>Runs it.</summary>
    /// <param name="isMoving">When cancelled: whether another coordinator will go on, so that a checkpoint is made and the shards stay.</param>
    /// <param name="cancellationToken">Ends it; everything but what the next coordinator needs is free when this returns.</param>
    /// <exception cref="AdaptationFailedException">It cannot be computed.</exception>
    /// <exception cref="SolveMemoryException">It can never have the memory.</exception>
    /// <exception cref="SolveSupersededException">Another coordinator has it.</exception>
    public async Task<SolveResult> RunAsync(Func<bool> isMoving, CancellationToken cancellationToken)
    {
        SourceModel model = await _services.Shards.Models.LoadAsync(_order.ModelHash, cancellationToken);
        bool placesAnew = false;
        while (true)
        {
            try
            {
                return await AttemptAsync(model, placesAnew, isMoving, cancellationToken);
            }
            catch (SolveMemoryException error) when (!error.IsForever)
            {
                _services.Logger.Waits(_key, error.Message);
            }

            Report(SolveStage.Waiting);
            placesAnew = true;
            await Task.Delay(_options.MemoryRetry * (1 + (0.5 * Random.Shared.NextDouble())), _clock, cancellationToken);
        }
    }

    private async Task<SolveResult> AttemptAsync(
        SourceModel model, bool placesAnew, Func<bool> isMoving, CancellationToken cancellationToken)
    {
        Report(SolveStage.Loading);
        using SolveReservation reservation = Reserve();
        _context = Context(model);
        await using var fleet = new ShardFleet(_context, _journal.PlacedAsync, () => Report(_stage));
        _fleet = fleet;
        try
        {
            await fleet.LoadAsync(_journal.Placements, placesAnew, cancellationToken);
            TaskData? data = _plan.Layout != SolveLayout.KernelRows
                ? null
                : await _services.Shards.Observations.ReadRangeAsync(_order, new RowRange(0, _plan.Rows), model.Spec.InputWidth, model.Spec.Outputs, cancellationToken);
            byte[]? checkpoint = _journal.Checkpoint is { } hash ? await _services.Tensors.GetAsync(Scope, hash, cancellationToken) : null;
            await OnLaneAsync(
                context =>
                {
                    context.Solves.Put(_key, SolveRun.Create(model, context.Device, _prior, _plan, data, checkpoint));
                    return true;
                },
                cancellationToken);
            return await ConverseAsync(fleet, isMoving, cancellationToken);
        }
        finally
        {
            await FreeAsync(fleet, keepsShards: cancellationToken.IsCancellationRequested && isMoving());
        }
    }

    private async Task<SolveResult> ConverseAsync(ShardFleet fleet, Func<bool> isMoving, CancellationToken cancellationToken)
    {
        IReadOnlyList<byte[]>? answers = null;
        long checkpointed = _clock.GetTimestamp();
        Task storing = Task.CompletedTask;
        try
        {
            while (true)
            {
                bool isDue = storing.IsCompleted && _clock.GetElapsedTime(checkpointed) >= _options.CheckpointPeriod;
                IReadOnlyList<byte[]>? taken = answers;
                answers = null;
                SolveStep step = await OnLaneAsync(context => Advance(context, taken, isDue), cancellationToken);
                Note(step);
                if (step.Checkpoint is { } checkpoint)
                {
                    await storing;
                    storing = StoreAsync(checkpoint, cancellationToken);
                    checkpointed = _clock.GetTimestamp();
                }

                if (step.IsDone)
                {
                    await storing;
                    return await OnLaneAsync(context => context.Solves.Get<SolveRun>(_key).Result!, cancellationToken);
                }

                answers = step.Request is null ? null : await AskAsync(fleet, step, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && isMoving())
        {
            // Between a request and its answer a checkpoint is as good as any.
            await Settled(storing);
            if (await OnLaneAsync(context => context.Solves.Get<SolveRun>(_key).Checkpoint(), CancellationToken.None) is { } last)
            {
                await StoreAsync(last, CancellationToken.None);
            }

            throw;
        }
        finally
        {
            await Settled(storing);
        }
    }

    private SolveStep Advance(LaneContext context, IReadOnlyList<byte[]>? answers, bool isCheckpointDue)
    {
        long started = Stopwatch.GetTimestamp();
        context.Plan(_order.Plan.FlopsPerQuestion);
        SolveRun run = context.Solves.Get<SolveRun>(_key);
        if (answers is not null)
        {
            run.Answer(answers);
        }

        run.Advance(_options.Slice);
        byte[]? checkpoint = isCheckpointDue && run.Request is not null && run.Progress.Phase is SolvePhase.Iterating or SolvePhase.Certifying ? run.Checkpoint() : null;
        return new SolveStep(run.Request, run.IsDone, run.Progress, checkpoint, Stopwatch.GetElapsedTime(started));
    }

    private async Task<IReadOnlyList<byte[]>> AskAsync(ShardFleet fleet, SolveStep step, CancellationToken cancellationToken)
    {
        (long bytes, long messages) = (_context!.Bytes, _context.Messages);
        IReadOnlyList<byte[]> answers = await fleet.AskAsync(step.Request!, cancellationToken);
        if (step.Progress.Phase == SolvePhase.Iterating)
        {
            _traffic.Step(_context.Bytes - bytes, _context.Messages - messages);
        }

        return answers;
    }

    private void Note(SolveStep step)
    {
        _device += step.Elapsed;
        if (step.Progress.Phase == SolvePhase.Iterating)
        {
            _services.Instruments.SolveIterated(Math.Max(0, step.Progress.Iteration - _progress.Iteration));
            _traffic.At(step.Progress.Iteration);
        }

        _progress = step.Progress;
        Report(step.Progress.Phase switch
        {
            SolvePhase.Preparing => SolveStage.Preparing,
            SolvePhase.Iterating => SolveStage.Iterating,
            SolvePhase.Certifying => SolveStage.Certifying,
            _ => SolveStage.Finishing,
        });
    }

    private void Report(SolveStage stage)
    {
        _stage = stage;
        _journal.Report(new SolveProgressMessage
        {
            Stage = stage,
            Iteration = _progress.Iteration,
            RelativeResidual = _progress.RelativeResidual,
            Shards = _plan.Shards.Length,
            SlowShards = [.. _fleet?.Slow ?? []],
            IterationsPerSecond = _traffic.PerSecond,
            BytesPerIteration = _traffic.Bytes,
            MessagesPerIteration = _traffic.Messages,
            Reloads = _reloads + (_context?.Reloads ?? 0),
            Seconds = Elapsed.TotalSeconds,
        });
    }

    private async Task StoreAsync(byte[] checkpoint, CancellationToken cancellationToken) =>
        await _journal.CheckpointedAsync(await _services.Tensors.PutAsync(Scope, checkpoint, cancellationToken));

    private SolveReservation Reserve()
    {
        SolveMemory memory = _services.Shards.Memory;
        long bytes = _order.Plan.CoordinatorBytes;
        return memory.TryReserve(bytes) ?? throw new SolveMemoryException(
            $"the coordinator needs {bytes >> 20} MB, and its silo has {memory.FreeBytes >> 20} of {memory.TotalBytes >> 20} MB free", bytes > memory.TotalBytes);
    }

    private FleetContext Context(SourceModel model) => new()
    {
        Key = _key,
        Order = _order,
        Session = _session,
        Plan = _plan,
        Spec = model.Spec,
        Prior = _prior,
        Options = _options,
        Grains = _services.Grains,
        Devices = _services.Devices,
        Clock = _clock,
        Logger = _services.Logger,
        Instruments = _services.Instruments,
    };

    private async Task FreeAsync(ShardFleet fleet, bool keepsShards)
    {
        _device += fleet.Device;
        _reloads += _context!.Reloads;
        _context = null;
        _fleet = null;
        Task shards = keepsShards ? Task.CompletedTask : fleet.ReleaseAsync();
        await OnLaneAsync(
            context =>
            {
                context.Solves.Remove(_key);
                return true;
            },
            CancellationToken.None);
        await shards;
    }

    private TensorScope Scope => TensorScope.Solve(TaskKey.Parse(_order.Task), _order.Solve);

    private Task<T> OnLaneAsync<T>(Func<LaneContext, T> operation, CancellationToken cancellationToken) =>
        PatientLane.RunAsync(_services.Shards.Lane, operation, _clock, cancellationToken);

    private static async Task Settled(Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
