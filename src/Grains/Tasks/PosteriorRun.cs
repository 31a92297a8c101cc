using System.Diagnostics;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Grains.Tasks;

/// <summary>From durable rows to a posterior, and what it is used for: reads what is needed, then one operation on the lane.</summary>
internal sealed class PosteriorRun(
    DeviceLane lane,
    SmallTasks small,
    RefinedRun refined,
    SourceModelStore models,
    PriorStore priors,
    ObservationStore observations,
    ITensorStore tensors,
    TimeProvider clock)
{
    /// <summary>The most observations of a direct solve in fp64: its matrix has 512 MB.</summary>
    private const int MaxDoubleSize = 8_192;

    /// <summary>The most observations that sources are compared on: more would not change which explains them.</summary>
    private const int MaxWeighed = 1_024;

    /// <summary>So many rows of a task say where it stands in its fleet.</summary>
    private const int MostSampled = 2_048;

    /// <summary>Fewer rows tell a task's noise from its function in no way that could be checked.</summary>
    private const int MinObservations = 2;

    /// <summary>About a tenth of a second of one core: who computes longer lets those go first who do not.</summary>
    private const double LongFlops = 2e9;

    /// <exception cref="InvalidInputException">The task is too small.</exception>
    public static void RequireSolvable(TaskKey key, int rows)
    {
        if (rows < MinObservations)
        {
            throw new InvalidInputException(
                $"task '{key.Task}'", $"it holds {rows} row{(rows == 1 ? string.Empty : "s")}", $"observe at least {MinObservations}");
        }
    }

    public async Task<StoredPosterior> SolveAsync(
        TaskKey key, TargetTaskState state, SourceDescription source, PriorDescription prior, DirectSolve how, CancellationToken cancellationToken)
    {
        SourceModel model = await models.LoadAsync(source.ModelHash, cancellationToken);
        int rows = state.Observations;
        TaskData data = await ReadAsync(key, state, rows, model, cancellationToken);
        var cacheKey = new PosteriorKey(state.Incarnation, (state.Posterior?.Description.Version ?? 0) + 1, source.ModelHash);
        Prior priorForSolve = await priors.LoadAsync(prior, cancellationToken);
        double flops = TaskPosterior.FlopsToFit(model.Spec, priorForSolve, rows);
        LanePriority priority = how.InBackground || flops > LongFlops ? LanePriority.Background : LanePriority.Interactive;
        TaskFactors factors = TaskFactors.Fleet;
        (AdaptationReport? report, TimeSpan elapsed) = default((AdaptationReport?, TimeSpan));
        if (how.IsRefined)
        {
            // Solved where the task stands, which is found first.
            factors = await FindFactorsAsync(model, source.ModelHash, data, priorForSolve, cancellationToken);
            (report, elapsed) = await TryRefineAsync(model, data, priorForSolve.At(factors), cacheKey, cancellationToken);
        }

        bool isRefined = report is not null;
        if (report is null && TaskBatch.Supports(model.Spec, priorForSolve, rows))
        {
            var task = new SmallTask(key, cacheKey, model, priorForSolve, prior.Version);
            (_, report, elapsed) = await small.FitAsync(task, data, null, priority, cancellationToken);
            factors = report.Factors;
        }

        if (report is null)
        {
            (report, elapsed) = await lane.RunAsync(
                priority,
                new LaneShare(key.Tenant, flops),
                context =>
                {
                    long started = Stopwatch.GetTimestamp();
                    AdaptationReport made = Keep(context, cacheKey, Fit(context, source.ModelHash, model, data, priorForSolve));
                    return (made, Stopwatch.GetElapsedTime(started));
                },
                cancellationToken);
            factors = report.Factors;
        }

        var description = new PosteriorDescription
        {
            Version = cacheKey.Version,
            PriorVersion = prior.Version,
            Observations = rows,
            Exact = !isRefined,
            IsRefined = isRefined,
            Space = report.Space.ToString().ToLowerInvariant(),
            LogEvidence = report.LogEvidence,
            EffectiveDimension = report.EffectiveDimension,
            LeaveOneOut = SolveReports.Scores(report.Adapted),
            SourceOnly = SolveReports.Scores(report.SourceOnly),
            Computed = clock.GetUtcNow(),
            DeviceMilliseconds = elapsed.TotalMilliseconds,
            NoiseFactor = priorForSolve.Spread.IsNone ? null : factors.Noise,
            ScaleFactor = priorForSolve.Spread.IsNone ? null : factors.Scale,
        };
        return new StoredPosterior(description, prior with { Fit = null, BlockNames = [] }, source.ModelHash);
    }

    /// <summary>A task's factors as its records hold them.</summary>
    public static TaskFactors FactorsOf(double? noise, double? scale) => new(noise ?? 1, scale ?? 1);

    /// <summary>The factors that a posterior was made with.</summary>
    public static TaskFactors FactorsOf(PosteriorDescription description) => FactorsOf(description.NoiseFactor, description.ScaleFactor);

    /// <summary>Where a task stands in its fleet, from some of its rows: for a solve that runs elsewhere.</summary>
    public async Task<TaskFactors?> FindFactorsAsync(
        TaskKey key, TargetTaskState state, SourceDescription source, PriorDescription prior, CancellationToken cancellationToken)
    {
        Prior fleet = await priors.LoadAsync(prior, cancellationToken);
        if (fleet.Spread.IsNone)
        {
            return null;
        }

        SourceModel model = await models.LoadAsync(source.ModelHash, cancellationToken);
        TaskData rows = await observations.SampleAsync(
            key, state.Batches, state.Observations, MostSampled, model.Spec.InputWidth, model.Spec.Outputs, cancellationToken);
        try
        {
            return await FindFactorsAsync(model, source.ModelHash, rows, fleet, cancellationToken);
        }
        catch (AdaptationFailedException)
        {
            return null; // it stays with the fleet, and the solve says what is wrong with its rows
        }
    }

    private Task<TaskFactors> FindFactorsAsync(SourceModel model, string hash, TaskData data, Prior prior, CancellationToken cancellationToken) => lane.RunAsync(
        LanePriority.Background,
        context => TaskPosterior.FindFactors(context.Network(hash, model), data, prior),
        cancellationToken);

    /// <summary>The evidence of rows that are not kept, in the targets' own units.</summary>
    public async Task<RowsEvidence> WeighAsync(
        TaskKey key, ObservationBatch rows, SourceDescription source, PriorDescription prior, CancellationToken cancellationToken)
    {
        SourceModel model = await models.LoadAsync(source.ModelHash, cancellationToken);
        Prior priorForSolve = await priors.LoadAsync(prior, cancellationToken);
        TaskData data = ObservationStore.ToData(rows, model.Spec.InputWidth, model.Spec.Outputs).Sample(Math.Max(1, MaxWeighed / model.Spec.Outputs), seed: 0);
        AdaptationReport report = await lane.RunAsync(
            LanePriority.Interactive,
            new LaneShare(key.Tenant, TaskPosterior.FlopsToFit(model.Spec, priorForSolve, data.Rows)),
            context =>
            {
                using TaskPosterior posterior = Fit(context, source.ModelHash, model, data, priorForSolve);
                return posterior.Report;
            },
            cancellationToken);
        double units = data.Rows * model.OutputStandardisation.Scale.Sum(Math.Log);
        return new RowsEvidence(data.Rows, report.LogEvidence - units, SolveReports.Scores(report.Adapted));
    }

    /// <summary>Uses a task's posterior on the lane: the warm one, or the same made again from what is durable.</summary>
    /// <param name="key">Which task.</param>
    /// <param name="state">What is durable of it.</param>
    /// <param name="posterior">Which version.</param>
    /// <param name="model">The source.</param>
    /// <param name="rows">About how many rows it is used for.</param>
    /// <param name="use">What is done with it, within one operation.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<T> UseAsync<T>(
        TaskKey key,
        TargetTaskState state,
        StoredPosterior posterior,
        SourceModel model,
        int rows,
        Func<LaneContext, TaskPosterior, T> use,
        CancellationToken cancellationToken)
        where T : class
    {
        Prior fleet = await priors.LoadAsync(posterior.Prior, cancellationToken);
        var share = new LaneShare(key.Tenant, rows * TaskPosterior.FlopsToFit(model.Spec, fleet, 1));
        if (IsSmall(posterior, model, fleet))
        {
            // What is warm of it is its dual form. Rare: it is made from the rows, used once and let go.
            Func<LaneContext, TaskPosterior> once = await RemakeAsync(key, state, posterior, model, fleet, cancellationToken);
            return await lane.RunAsync(
                LanePriority.Interactive,
                share,
                context =>
                {
                    using TaskPosterior made = once(context);
                    return use(context, made);
                },
                cancellationToken);
        }

        var cacheKey = new PosteriorKey(state.Incarnation, posterior.Description.Version, posterior.ModelHash);
        T? answer = await lane.RunAsync(
            LanePriority.Interactive,
            share,
            context => context.Posteriors.TryGet(cacheKey, out TaskPosterior? warm) ? use(context, warm) : null,
            cancellationToken);
        if (answer is null && posterior.Description.IsRefined)
        {
            TaskData data = await ReadAsync(key, state, posterior.Description.Observations, model, cancellationToken);
            Prior own = fleet.At(FactorsOf(posterior.Description));
            await refined.RunAsync(model, data, own, (context, made) => answer = use(context, Kept(context, cacheKey, made)), cancellationToken);
        }

        if (answer is not null)
        {
            return answer;
        }

        Func<LaneContext, TaskPosterior> make = await RemakeAsync(key, state, posterior, model, fleet, cancellationToken);
        return await lane.RunAsync(
            LanePriority.Interactive,
            share,
            context => use(context, context.Posteriors.GetOrAdd(cacheKey, () => make(context), made => made.Bytes)),
            cancellationToken);
    }

    /// <summary>Whether a posterior was fitted in a batch: its version, model and prior decide that, so they always decide the same.</summary>
    public static bool IsSmall(StoredPosterior posterior, SourceModel model, Prior prior) =>
        posterior.SolvedHash is null && !posterior.Description.IsRefined && TaskBatch.Supports(model.Spec, prior, posterior.Description.Observations);

    // Nothing where fp32 is not enough but fp64 may be: what is small enough for that is then solved so.
    private async Task<(AdaptationReport? Report, TimeSpan Elapsed)> TryRefineAsync(
        SourceModel model, TaskData data, Prior prior, PosteriorKey cacheKey, CancellationToken cancellationToken)
    {
        try
        {
            return await refined.RunAsync(model, data, prior, (context, made) => Keep(context, cacheKey, made), cancellationToken);
        }
        catch (AdaptationFailedException) when ((long)data.Rows * model.Spec.Outputs <= MaxDoubleSize)
        {
            return default;
        }
    }

    private static AdaptationReport Keep(LaneContext context, PosteriorKey key, TaskPosterior posterior) => Kept(context, key, posterior).Report;

    private static TaskPosterior Kept(LaneContext context, PosteriorKey key, TaskPosterior posterior)
    {
        context.Posteriors.Add(key, posterior, posterior.Bytes);
        return posterior;
    }

    // A direct solve is done again from the rows; what an iterative one gave was kept.
    private async Task<Func<LaneContext, TaskPosterior>> RemakeAsync(
        TaskKey key, TargetTaskState state, StoredPosterior posterior, SourceModel model, Prior fleet, CancellationToken cancellationToken)
    {
        Prior prior = fleet.At(FactorsOf(posterior.Description));
        if (posterior.SolvedHash is not { } hash)
        {
            TaskData data = await ReadAsync(key, state, posterior.Description.Observations, model, cancellationToken);
            return context => Fit(context, posterior.ModelHash, model, data, prior);
        }

        byte[] file = await tensors.GetAsync(TensorScope.Posteriors(key), hash, cancellationToken);
        SolvedPosterior solved = await Task.Run(() => Parse(file, hash), cancellationToken);
        return context => TaskPosterior.Restore(context.Network(posterior.ModelHash, model), prior, solved);
    }

    private static SolvedPosterior Parse(byte[] file, string hash)
    {
        try
        {
            return SolvedPosteriorFile.Parse(file);
        }
        catch (InvalidDataException error)
        {
            throw new StoreException($"posterior {hash} in the tensor store: {error.Message}; adapt the task again.", isRetryable: false);
        }
    }

    private static TaskPosterior Fit(LaneContext context, string hash, SourceModel model, TaskData data, Prior prior)
    {
        context.Plan(TaskPosterior.FlopsToFit(model.Spec, prior, data.Rows));
        return TaskPosterior.Fit(context.Network(hash, model), data, prior);
    }

    private Task<TaskData> ReadAsync(TaskKey key, TargetTaskState state, int rows, SourceModel model, CancellationToken cancellationToken) =>
        observations.ReadAsync(key, state.Batches, rows, model.Spec.InputWidth, model.Spec.Outputs, cancellationToken);
}
