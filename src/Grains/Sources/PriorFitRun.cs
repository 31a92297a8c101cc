using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Sources;

/// <summary>
/// Fits a fleet prior: the optimiser has a thread of its own and asks the device lane for the evidence, a few tasks at
/// a time so that predictions go in between.
/// </summary>
internal sealed class PriorFitRun(DeviceLane lane, StagedRows rows, PriorStore priors, TimeProvider clock)
{
    public async IAsyncEnumerable<PriorFitUpdate> RunAsync(
        SourceDescription source, SourceModel model, PriorFitRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        FleetFitOptions options = ToOptions(request);
        long started = clock.GetTimestamp();
        using Activity? activity = AdaptInstruments.Activities.StartActivity("fit prior");
        activity?.SetTag("adapt.source", source.Name);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        SourceNetwork? network = null;
        FleetEvidence? evidence = null;
        Task<FleetFit>? fitting = null;
        try
        {
            TaskData data = await rows.ReadAsync(request.Data, model.Spec, cancellationToken);
            List<TaskData> tasks = Split(data, request.Data.RowsPerTask.AsSpan());
            TargetChecks.RequireVariation(data, source.Targets);

            // A network of its own: the lane's cache may let go of one between two slices of this work.
            network = await lane.RunAsync(LanePriority.Background, context => new SourceNetwork(model, context.Device), cancellationToken);
            evidence = await lane.RunAsync(
                LanePriority.Background,
                context =>
                {
                    context.Plan(FleetEvidence.FlopsToPrepare(model.Spec, tasks, options));
                    return Prepare(network, tasks, options);
                },
                cancellationToken);
            var updates = Channel.CreateBounded<PriorFitUpdate>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
            fitting = FitAsync(evidence, model.Spec, options, updates.Writer, stop.Token);
            await foreach (PriorFitUpdate update in updates.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return update;
            }

            FleetFit fit = await fitting;
            var summary = new PriorFitSummary(
                tasks.Count - fit.Excluded.Length,
                (int)(evidence.Summary.Observations / model.Spec.Outputs),
                fit.Iterations,
                fit.Evaluations,
                fit.LogEvidencePerObservation,
                fit.SourceLogEvidencePerObservation,
                StatusText(fit.Status),
                fit.Status == FitStatus.Converged,
                clock.GetElapsedTime(started).TotalSeconds)
            {
                Excluded = [.. fit.Excluded.Select(task => new ExcludedTaskDescription(NameOf(request, task.Task), task.Reason))],
                Ranks = [.. fit.Ranks.Select(rank => new RankDescription(rank.Rank, rank.HeldOutLogEvidence))],
                SpreadGainPerRow = fit.SpreadGain * model.Spec.Outputs,
            };
            string? moves = await priors.SaveAsync(model.Spec, fit.Prior, cancellationToken);
            yield return new PriorFitUpdate(
                fit.Evaluations, tasks.Count, tasks.Count, fit.LogEvidencePerObservation, PriorMapping.Learned(model.Spec, fit, summary, moves));
        }
        finally
        {
            // Whoever listened may have left: the optimiser ends before what it computes with is freed.
            await stop.CancelAsync();
            await (fitting ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await lane.RunAsync(
                LanePriority.Interactive,
                _ =>
                {
                    evidence?.Dispose();
                    network?.Dispose();
                },
                CancellationToken.None);
        }
    }

    private Task<FleetFit> FitAsync(
        FleetEvidence evidence,
        NetworkSpec spec,
        FleetFitOptions options,
        ChannelWriter<PriorFitUpdate> updates,
        CancellationToken cancellationToken) => Task.Factory.StartNew(
            () =>
            {
                try
                {
                    var onLane = new LaneFleetEvidence(lane, evidence, updates, cancellationToken);
                    return FleetPriorFitter.Fit(onLane, spec, options, null, cancellationToken);
                }
                catch (Exception error) when (error is NumericsException or ArgumentException)
                {
                    throw new AdaptationFailedException(error.Message);
                }
                finally
                {
                    updates.Complete();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    private static FleetEvidence Prepare(SourceNetwork network, List<TaskData> tasks, FleetFitOptions options)
    {
        try
        {
            return new FleetEvidence(network, tasks, options);
        }
        catch (ArgumentException error)
        {
            throw new InvalidInputException("tasks", char.ToLowerInvariant(error.Message[0]) + error.Message[1..].TrimEnd('.'), "send tasks with several different rows each");
        }
    }

    private static string NameOf(PriorFitRequest request, int task) =>
        request.TaskNames.IsDefaultOrEmpty ? task.ToString(System.Globalization.CultureInfo.InvariantCulture) : request.TaskNames[task];

    private static string StatusText(FitStatus status) => status switch
    {
        FitStatus.Converged => "converged",
        FitStatus.IterationLimit => "the iterations were used up; the prior is usable, more iterations may improve it",
        _ => "no better prior was found although the evidence still has a slope; use more tasks or a single scale",
    };

    private static FleetFitOptions ToOptions(PriorFitRequest request)
    {
        if (request.MaxRowsPerTask < 1)
        {
            throw new InvalidInputException("rows per task", $"they are {request.MaxRowsPerTask}", "give at least 1");
        }

        if (request.MaxIterations < 1)
        {
            throw new InvalidInputException("iterations", $"they are {request.MaxIterations}", "give at least 1");
        }

        if (request.Rank < 0)
        {
            throw new InvalidInputException("rank", $"it is {request.Rank}", "give at least 0, or none for what held-out tasks decide");
        }

        if (!request.TaskNames.IsDefaultOrEmpty && request.TaskNames.Length != request.Data.RowsPerTask.Length)
        {
            throw new InvalidInputException("task names", $"there are {request.TaskNames.Length} for {request.Data.RowsPerTask.Length} tasks", "send one for each");
        }

        return new FleetFitOptions
        {
            Scales = request.SingleScale ? FleetScales.Single : FleetScales.Block,
            MaxRowsPerTask = request.MaxRowsPerTask,
            MaxIterations = request.MaxIterations,
            Seed = request.Seed,
            Rank = request.Rank,
            LearnsSpread = request.LearnsSpread,
            Coupling = PriorMapping.CouplingOf(request.IndependentOutputs),
        };
    }

    private static List<TaskData> Split(TaskData data, ReadOnlySpan<int> rowsPerTask)
    {
        var tasks = new List<TaskData>(rowsPerTask.Length);
        int start = 0;
        foreach (int count in rowsPerTask)
        {
            tasks.Add(new TaskData(data.Inputs.Slice(start, count), data.Targets.Slice(start, count)));
            start += count;
        }

        return tasks;
    }
}
