using System.Collections.Immutable;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Panels;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Panels;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solves;
using Microsoft.Extensions.Options;

namespace AdaptCluster.Grains.Panels;

/// <summary>From durable targets to durable solutions: one block, in short slices on the lane so that predictions go in between.</summary>
internal sealed class PanelBlockRun(
    DeviceLane lane, SolveMemory memory, SourceModelStore models, PanelStore store, IOptions<DeviceOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(25);

    /// <summary>How long it waits before it asks again for memory that other solves have.</summary>
    private static readonly TimeSpan s_wait = TimeSpan.FromMilliseconds(250);

    /// <summary>How a panel's blocks would be solved.</summary>
    /// <exception cref="InvalidInputException">They could not.</exception>
    public PanelPlan Plan(PanelKey key, NetworkSpec spec, Prior prior, int rows) =>
        PanelPlan.For(key.Panel, spec, prior, rows, options.Value.SolveMemoryBytes);

    /// <summary>Solves as many of the targets as one block takes, and stores what that gives.</summary>
    /// <param name="key">The panel.</param>
    /// <param name="state">Its state when the block begins.</param>
    /// <param name="pending">The targets that are to be solved, at least one.</param>
    /// <param name="source">The source, with its prior.</param>
    /// <param name="report">Told where the solve stands, after each slice.</param>
    /// <param name="cancellationToken">Gives up; everything on the device is freed on return.</param>
    /// <exception cref="AdaptException">It failed as a whole.</exception>
    public async Task<PanelOutcome> RunAsync(
        PanelKey key,
        PanelState state,
        ImmutableArray<StoredPanelTarget> pending,
        SourceDescription source,
        Action<PanelProgress> report,
        CancellationToken cancellationToken)
    {
        using System.Diagnostics.Activity? activity = AdaptInstruments.Activities.StartActivity("solve panel");
        activity?.SetTag("adapt.panel", key.ToString());
        long started = clock.GetTimestamp();
        int number = state.NextBlock;
        PriorDescription description = source.Prior!;
        SourceModel model = await models.LoadAsync(source.ModelHash, cancellationToken);
        Prior prior = PriorMapping.ToPrior(description);
        PanelPlan plan = Plan(key, model.Spec, prior, state.Inputs);
        ImmutableArray<StoredPanelTarget> taken = [.. pending.Take(plan.MostTargets(options.Value.SolveMemoryBytes))];
        report(new PanelProgress(PanelPhase.Waiting, number, 0, 1, taken.Length, taken.Length));
        using SolveReservation reservation = await ReserveAsync(plan.BytesFor(taken.Length), cancellationToken);
        RowMatrix inputs = await store.ReadInputsAsync(key, state, cancellationToken);
        PanelTargets targets = await store.ReadTargetsAsync(key, state, taken, model.Spec.Outputs, cancellationToken);
        (PanelResult result, TimeSpan deviceTime) = await SolveAsync(
            model, inputs, targets, prior, plan, progress => report(ToMessage(progress, number)), cancellationToken);
        report(new PanelProgress(
            PanelPhase.Storing, number, result.Statistics.Iterations, result.Statistics.RelativeResidual, 0, taken.Length));
        string hash = await store.StoreAsync(key, number, targets, result.Solution, cancellationToken);
        PanelSolveSummary summary = Summary(result, number, description, clock.GetElapsedTime(started), deviceTime);
        activity?.SetTag("adapt.targets", summary.Targets);
        activity?.SetTag("adapt.iterations", summary.Iterations);
        return new PanelOutcome(
            taken,
            [.. taken.Select((target, t) => result.Converged[t] ? null : Failure(target, result, t, plan.Plan, description.Version))],
            new StoredPanelBlock(number, hash, source.ModelHash, description with { Fit = null, BlockNames = [] }),
            summary,
            result);
    }

    private PanelSolveSummary Summary(PanelResult result, int number, PriorDescription prior, TimeSpan elapsed, TimeSpan deviceTime) => new()
    {
        Block = number,
        Targets = result.Converged.Length,
        Converged = result.Converged.Count(converged => converged),
        Iterations = result.Statistics.Iterations,
        RelativeResidual = result.Statistics.RelativeResidual,
        PreconditionerSize = result.Statistics.PreconditionerSize,
        Seconds = elapsed.TotalSeconds,
        DeviceSeconds = deviceTime.TotalSeconds,
        PriorVersion = prior.Version,
        Computed = clock.GetUtcNow(),
    };

    // The block's status is that of its worst column; what a column is told has its own residual.
    private static StoredPanelFailure Failure(StoredPanelTarget target, PanelResult result, int column, SolvePlan plan, int priorVersion)
    {
        double residual = result.RelativeResiduals[column];
        string text = (result.Statistics with { RelativeResidual = residual }).Describe();
        return new StoredPanelFailure(target.Batch, priorVersion, residual, $"{text} (asked for: {plan.Tolerance:0.0e+0}; or adapt it as a task of its own)");
    }

    private static PanelProgress ToMessage(SolveProgress progress, int number) => new(
        progress.Phase switch
        {
            SolvePhase.Preparing => PanelPhase.Preparing,
            SolvePhase.Iterating => PanelPhase.Iterating,
            SolvePhase.Certifying => PanelPhase.Certifying,
            _ => PanelPhase.Finishing,
        },
        number,
        progress.Iteration,
        progress.RelativeResidual,
        progress.ActiveColumns,
        progress.Columns);

    private async Task<SolveReservation> ReserveAsync(long bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (memory.TryReserve(bytes) is { } reservation)
            {
                return reservation;
            }

            await Task.Delay(s_wait, clock, cancellationToken);
        }
    }

    private async Task<(PanelResult Result, TimeSpan DeviceTime)> SolveAsync(
        SourceModel model,
        RowMatrix inputs,
        PanelTargets targets,
        Prior prior,
        PanelPlan plan,
        Action<SolveProgress> report,
        CancellationToken cancellationToken)
    {
        double flops = plan.FlopsPerProduct(targets.Count);
        PanelSolve? solve = null;
        try
        {
            bool isDone = false;
            while (!isDone)
            {
                isDone = await SliceAsync(
                    context =>
                    {
                        context.Plan(flops);
                        solve ??= new PanelSolve(context, model, inputs, targets, prior, plan.Plan);
                        return solve.Advance(s_slice);
                    },
                    cancellationToken);
                report(solve!.Progress);
            }

            return (solve!.Result!, solve.DeviceTime);
        }
        finally
        {
            await lane.RunAsync(LanePriority.Interactive, _ => solve?.Dispose(), CancellationToken.None);
        }
    }

    private async Task<T> SliceAsync<T>(Func<LaneContext, T> operation, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await lane.RunAsync(LanePriority.Background, operation, cancellationToken);
            }
            catch (BusyException busy)
            {
                // Nobody waits for a single slice: the block goes on when there is room.
                await Task.Delay(busy.RetryAfter, clock, cancellationToken);
            }
        }
    }
}
