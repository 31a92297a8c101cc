using System.Collections.Immutable;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Planning;

/// <summary>
/// Chooses how a task is solved: directly or iteratively, in which space, on how many shards, with factors kept or formed again. Counts flops, bytes and
/// messages of each way and takes the quickest that fits the memory; of a direct solve and an iterative one that is not much quicker, the direct one.
/// </summary>
public static class SolvePlanner
{
    /// <summary>So much longer may a direct solve take: it is exact and scores every row.</summary>
    private const double WorthOfExactness = 1.5;

    /// <summary>Up to so many observations a direct solve is taken whenever it fits.</summary>
    private const int AlwaysDirect = 2_048;

    private const string Moves = "a prior with a learned shift or directions is solved directly, in fp64";

    /// <summary>Plans.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="prior">Scales and noise; it must fit the network.</param>
    /// <param name="rows">n, at least 1.</param>
    /// <param name="devices">What there is, at least one; the first coordinates.</param>
    /// <param name="options">What the caller fixes.</param>
    /// <exception cref="PlanInfeasibleException">Nothing fits; the message names the smallest alternative.</exception>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public static PlanChoice Plan(NetworkSpec spec, Prior prior, int rows, IReadOnlyList<PlanDevice> devices, PlanOptions options)
    {
        (TaskSize size, ImmutableArray<PlanCandidate> candidates) = Consider(spec, prior, rows, devices, options);
        return Choose(size, candidates, devices);
    }

    /// <summary>The same without insisting that something fits.</summary>
    /// <returns>Everything that was considered; nothing is chosen where nothing fits.</returns>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public static PlanOutlook Explain(NetworkSpec spec, Prior prior, int rows, IReadOnlyList<PlanDevice> devices, PlanOptions options)
    {
        (TaskSize size, ImmutableArray<PlanCandidate> candidates) = Consider(spec, prior, rows, devices, options);
        if (!candidates[0].IsFeasible)
        {
            return new PlanOutlook(candidates, null, Infeasible(candidates, devices).Message);
        }

        PlanChoice choice = Choose(size, candidates, devices);
        return new PlanOutlook(choice.Candidates, choice.Chosen, choice.Why);
    }

    private static (TaskSize Size, ImmutableArray<PlanCandidate> Candidates) Consider(
        NetworkSpec spec, Prior prior, int rows, IReadOnlyList<PlanDevice> devices, PlanOptions options)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(prior);
        ArgumentNullException.ThrowIfNull(devices);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfZero(devices.Count, nameof(devices));
        prior.Validate(spec);
        var size = new TaskSize(spec, prior, rows);
        var candidates = new List<PlanCandidate>();
        if (!options.IsIterative)
        {
            candidates.Add(DirectPlans.Function(size, devices[0]));
            candidates.Add(DirectPlans.Parameter(size, devices[0]));
            candidates.Add(DirectPlans.Refined(size, devices[0]));
        }

        candidates.AddRange(IterativePlans.All(size, devices, options));
        if (prior.HasMoves)
        {
            candidates = [.. candidates.Select(c => c is { Plan: null, IsRefined: false } ? c : c with { Reason = Moves })];
        }

        return (size, [.. candidates.OrderBy(c => !c.IsFeasible).ThenBy(c => c.Seconds)]);
    }

    private static PlanChoice Choose(TaskSize size, ImmutableArray<PlanCandidate> candidates, IReadOnlyList<PlanDevice> devices)
    {
        PlanCandidate quickest = candidates[0];
        if (!quickest.IsFeasible)
        {
            throw Infeasible(candidates, devices);
        }

        PlanCandidate? exact = candidates.FirstOrDefault(c => c.IsFeasible && c is { Plan: null, IsRefined: false });
        if (exact is not null && size.Observations <= AlwaysDirect)
        {
            return new PlanChoice(candidates, exact, $"up to {AlwaysDirect:N0} observations a direct solve is quick, exact and scores every row");
        }

        // Between the two direct ones the quicker; between direct and iterative, the direct one's certainty is worth some time.
        PlanCandidate? direct = candidates.FirstOrDefault(c => c.IsFeasible && c.Plan is null);
        if (direct is not null && direct.Seconds <= WorthOfExactness * quickest.Seconds)
        {
            return new PlanChoice(
                candidates, direct, direct == quickest ? "it is the quickest, and direct" : $"it is direct and at most {WorthOfExactness} times as long as the quickest");
        }

        string than = candidates.Skip(1).FirstOrDefault(c => c.IsFeasible) is { } next ? $"; the next, {next.Name}, is predicted to take {next.Seconds / quickest.Seconds:0.0} times as long" : string.Empty;
        return new PlanChoice(candidates, quickest, $"it is the quickest that fits the memory{than}");
    }

    private static PlanInfeasibleException Infeasible(ImmutableArray<PlanCandidate> candidates, IReadOnlyList<PlanDevice> devices)
    {
        PlanCandidate? smallest = candidates.Where(c => c.Plan is not null && c.Reason != Moves).MinBy(c => c.ShardBytes + c.CoordinatorBytes);
        long most = devices.Max(d => d.TotalBytes);
        if (smallest is null)
        {
            return new PlanInfeasibleException($"There is no way to solve this task: {string.Join("; ", candidates.Select(c => $"{c.Name}: {c.Reason}"))}.", 0);
        }

        long needed = smallest.ShardBytes + smallest.CoordinatorBytes;
        return new PlanInfeasibleException(
            $"No way to solve this task fits the memory: the smallest, {smallest.Name}, needs {Megabytes(needed)} on one device, and the largest device has {Megabytes(most)} for solves; "
            + "raise the memory for solves (--solve-memory-mb), add silos, observe fewer rows, or adapt fewer parameters.",
            needed);
    }

    internal static string Megabytes(double bytes) => bytes >= 1e9 ? $"{bytes / 1e9:0.0} GB" : $"{Math.Max(1, bytes / 1e6):0} MB";
}
