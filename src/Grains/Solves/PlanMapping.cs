using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Numerics.Planning;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Grains.Solves;

/// <summary>Between a plan of the mathematics and that of a message.</summary>
internal static class PlanMapping
{
    public static SolvePlanDescription ToDescription(PlanCandidate candidate, string why)
    {
        SolvePlan plan = candidate.Plan!;
        return new SolvePlanDescription
        {
            Name = candidate.Name,
            Why = why,
            Space = (SolveSpace)plan.Layout,
            RowsPerShard = [.. plan.Shards.Select(range => range.Count)],
            KeepsFactors = plan.KeepsFactors,
            InDouble = plan.InDouble,
            CertifiesInDouble = plan.CertifiesInDouble,
            Preconditioner = (SolvePreconditioning)plan.Preconditioner,
            PreconditionerSize = plan.PreconditionerSize,
            Probes = plan.Probes,
            Tolerance = plan.Tolerance,
            ErrorTolerance = plan.ErrorTolerance,
            MaxIterations = plan.MaxIterations,
            ScoredRows = plan.ScoredRows,
            Seed = plan.Seed,
            ShardBytes = candidate.ShardBytes,
            CoordinatorBytes = candidate.CoordinatorBytes,

            // The first questions of a solve are larger than its products: they count, spread over all.
            FlopsPerQuestion = Math.Max(candidate.FlopsPerIteration, candidate.Flops / (candidate.Iterations + 1)) / plan.Shards.Length,
            BytesPerIteration = candidate.BytesPerIteration,
            MessagesPerIteration = candidate.MessagesPerIteration,
            Seconds = candidate.Seconds,
        };
    }

    public static SolvePlan ToPlan(SolvePlanDescription plan)
    {
        int start = 0;
        var shards = new List<RowRange>(plan.RowsPerShard.Length);
        foreach (int rows in plan.RowsPerShard)
        {
            shards.Add(new RowRange(start, rows));
            start += rows;
        }

        return new SolvePlan
        {
            Layout = (SolveLayout)plan.Space,
            Shards = [.. shards],
            KeepsFactors = plan.KeepsFactors,
            InDouble = plan.InDouble,
            CertifiesInDouble = plan.CertifiesInDouble,
            Preconditioner = (PreconditionerKind)plan.Preconditioner,
            PreconditionerSize = plan.PreconditionerSize,
            Probes = plan.Probes,
            Tolerance = plan.Tolerance,
            ErrorTolerance = plan.ErrorTolerance,
            MaxIterations = plan.MaxIterations,
            ScoredRows = plan.ScoredRows,
            Seed = plan.Seed,
        };
    }

    public static PlanOptions ToOptions(AdaptOptions? options, int messageBytes)
    {
        var defaults = new PlanOptions { MessageBytes = messageBytes };
        return options is null ? defaults : defaults with
        {
            Layout = (SolveLayout?)options.Space,
            Shards = options.Shards,
            KeepsFactors = options.KeepsFactors,
            InDouble = options.InDouble,
            CertifiesInDouble = options.CertifiesInDouble,
            Preconditioner = (PreconditionerKind?)options.Preconditioner,
            PreconditionerSize = options.PreconditionerSize,
            Tolerance = options.Tolerance ?? defaults.Tolerance,
            MaxIterations = options.MaxIterations ?? defaults.MaxIterations,
            Seed = options.Seed,
        };
    }

    public static PlanExplanation ToExplanation(PlanOutlook outlook, int rows, IReadOnlyList<PlanDevice> devices) => new()
    {
        Rows = rows,
        Chosen = outlook.Chosen?.Name,
        Why = outlook.Why,
        Candidates = [.. outlook.Candidates.Select(ToDescription)],
        Devices =
        [
            .. devices.Select(device =>
                $"{device.Name}: {device.SingleFlops / 1e9:0} GFLOP/s in fp32, {device.DoubleFlops / 1e9:0} in fp64, {device.FreeBytes / 1e9:0.0} of {device.TotalBytes / 1e9:0.0} GB free for solves"),
        ],
    };

    private static PlanCandidateDescription ToDescription(PlanCandidate candidate) => new()
    {
        Name = candidate.Name,
        Reason = candidate.Reason,
        Flops = candidate.Flops,
        Iterations = candidate.Iterations,
        BytesPerIteration = candidate.BytesPerIteration,
        MessagesPerIteration = candidate.MessagesPerIteration,
        ShardBytes = candidate.ShardBytes,
        CoordinatorBytes = candidate.CoordinatorBytes,
        Seconds = candidate.Seconds,
    };

    /// <summary>The rows of a solve.</summary>
    public static int Rows(SolvePlanDescription plan) => plan.RowsPerShard.Sum();
}
