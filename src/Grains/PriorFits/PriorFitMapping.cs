using System.Globalization;
using System.IO.Hashing;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>Between a fit's messages and the mathematics.</summary>
internal static class PriorFitMapping
{
    /// <exception cref="InvalidInputException">An option cannot be used.</exception>
    public static FleetFitOptions ToOptions(PriorFitRequest request)
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

    /// <summary>What of the options a part needs.</summary>
    public static FleetFitOptions ToOptions(EvidencePartOrder order) => new()
    {
        MaxRowsPerTask = order.MaxRowsPerTask,
        Seed = order.Seed,
        Coupling = PriorMapping.CouplingOf(order.IndependentOutputs),
    };

    /// <summary>What a fit is to do, checked as far as that goes without its rows.</summary>
    /// <exception cref="InvalidInputException">An option cannot be used, or what was staged does not add up.</exception>
    public static PriorFitOrder ToOrder(string key, SourceDescription source, NetworkSpec spec, PriorFitRequest request, SolveOptions settings, DateTimeOffset now)
    {
        FleetFitOptions options = ToOptions(request);
        StagedRows.RequireShape(request.Data, spec.InputWidth, spec.Outputs);
        return new PriorFitOrder
        {
            Source = key,
            ModelHash = source.ModelHash,
            Targets = source.Targets,
            Request = request,
            Parts = FleetPartition.Cut(spec, request.Data.RowsPerTask, options, settings.EvidencePartFlops, settings.MostEvidenceParts),
            Begun = now,
        };
    }

    /// <summary>Names what is fitted by its content: two requests with the same rows and options have the same.</summary>
    public static long ContentOf(PriorFitRequest request, string modelHash)
    {
        string options = string.Create(
            CultureInfo.InvariantCulture,
            $"{modelHash} {request.SingleScale} {request.MaxRowsPerTask} {request.MaxIterations} {request.Seed} {request.IndependentOutputs} {request.Rank} {request.LearnsSpread}");
        IEnumerable<string> rows = request.Data.Chunks.Select(chunk => $"{chunk.Inputs} {chunk.Targets}");
        var hash = new XxHash64();
        foreach (string text in (IEnumerable<string>)[options, .. rows, string.Join(' ', request.Data.RowsPerTask), .. request.TaskNames.IsDefault ? [] : request.TaskNames])
        {
            hash.Append(System.Text.Encoding.UTF8.GetBytes(text));
            hash.Append([0]);
        }

        return (long)hash.GetCurrentHashAsUInt64();
    }

    /// <summary>One part of a fit.</summary>
    /// <param name="order">The fit.</param>
    /// <param name="part">Which part, from 0.</param>
    /// <param name="cacheBytes">The memory that it may take.</param>
    /// <param name="partBytes">The most bytes of one message.</param>
    /// <param name="patience">How long it waits before it says that it is still loading.</param>
    public static EvidencePartOrder ToPart(PriorFitOrder order, int part, long cacheBytes, int partBytes, TimeSpan patience)
    {
        StagedDataset data = order.Request.Data;
        int first = order.Parts.AsSpan(0, part).ToArray().Sum();
        int[] tasks = data.RowsPerTask.AsSpan(first, order.Parts[part]).ToArray();
        int skipped = data.RowsPerTask.AsSpan(0, first).ToArray().Sum();
        int last = skipped + tasks.Sum();
        var chunks = new List<StagedChunk>();
        int start = 0;
        int before = 0;
        foreach (StagedChunk chunk in data.Chunks)
        {
            if (start + chunk.Rows > skipped && start < last)
            {
                chunks.Add(chunk);
            }

            before += start + chunk.Rows <= skipped ? chunk.Rows : 0;
            start += chunk.Rows;
        }

        return new EvidencePartOrder
        {
            ModelHash = order.ModelHash,
            Data = new StagedDataset(data.Upload, [.. chunks], [.. tasks]),
            SkippedRows = skipped - before,
            FirstTask = first,
            MaxRowsPerTask = order.Request.MaxRowsPerTask,
            Seed = order.Request.Seed,
            IndependentOutputs = order.Request.IndependentOutputs,
            CacheBytes = cacheBytes,
            PartBytes = partBytes,
            Patience = patience,
        };
    }

    /// <summary>The prior that a fit gave, as it is told.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="order">The fit.</param>
    /// <param name="fit">What it gave.</param>
    /// <param name="observations">The observed numbers that entered.</param>
    /// <param name="moves">The content hash of its shift and directions.</param>
    /// <param name="seconds">How long it took.</param>
    public static PriorDescription Describe(NetworkSpec spec, PriorFitOrder order, FleetFit fit, long observations, string? moves, double seconds)
    {
        PriorFitRequest request = order.Request;
        var summary = new PriorFitSummary(
            request.Data.RowsPerTask.Length - fit.Excluded.Length,
            (int)(observations / spec.Outputs),
            fit.Iterations,
            fit.Evaluations,
            fit.LogEvidencePerObservation,
            fit.SourceLogEvidencePerObservation,
            StatusText(fit.Status),
            fit.Status == FitStatus.Converged,
            seconds)
        {
            Excluded = [.. fit.Excluded.Select(task => new ExcludedTaskDescription(NameOf(request, task.Task), task.Reason))],
            Ranks = [.. fit.Ranks.Select(rank => new RankDescription(rank.Rank, rank.HeldOutLogEvidence))],
            SpreadGainPerRow = fit.SpreadGain * spec.Outputs,
        };
        return PriorMapping.Learned(spec, fit, summary, moves);
    }

    /// <summary>What the caller is told of tasks that no prior can be learned from.</summary>
    public static InvalidInputException Unusable(ArgumentException error) =>
        new("tasks", char.ToLowerInvariant(error.Message[0]) + error.Message[1..].TrimEnd('.'), "send tasks with several different rows each");

    private static string NameOf(PriorFitRequest request, int task) =>
        request.TaskNames.IsDefaultOrEmpty ? task.ToString(CultureInfo.InvariantCulture) : request.TaskNames[task];

    private static string StatusText(FitStatus status) => status switch
    {
        FitStatus.Converged => "converged",
        FitStatus.IterationLimit => "the iterations were used up; the prior is usable, more iterations may improve it",
        _ => "no better prior was found although the evidence still has a slope; use more tasks or a single scale",
    };
}
