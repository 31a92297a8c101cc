using System.Collections.Immutable;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>A fleet with some of its tasks left out. What is known of it before a fit is what is known of the whole.</summary>
/// <param name="whole">All tasks; borrowed.</param>
/// <param name="skipped">Those that are left out.</param>
/// <param name="evaluate">Evaluates without them.</param>
public sealed class FleetSample(IFleetEvidence whole, IReadOnlySet<int> skipped, Func<Prior, IReadOnlySet<int>?, FleetEvidenceValue> evaluate) : IFleetEvidence
{
    /// <inheritdoc/>
    public int TaskCount => whole.TaskCount;

    /// <inheritdoc/>
    public FleetSummary Summary => whole.Summary;

    /// <inheritdoc/>
    public ImmutableArray<ExcludedTask> Excluded => [.. whole.Excluded, .. skipped.Except(whole.Excluded.Select(task => task.Task)).Order().Select(task => new ExcludedTask(task, "it is not in the sample"))];

    /// <summary>A seeded sample of the tasks that take part; null where there are not more than twice as many, or nothing would be saved.</summary>
    /// <param name="whole">All tasks; borrowed.</param>
    /// <param name="tasks">How many the sample has.</param>
    /// <param name="seed">Seeds it.</param>
    public static IFleetEvidence? Of(IFleetEvidence whole, int tasks, int seed)
    {
        ArgumentNullException.ThrowIfNull(whole);
        int[] included = [.. Enumerable.Range(0, whole.TaskCount).Except(whole.Excluded.Select(task => task.Task))];
        if (included.Length <= 2L * tasks)
        {
            return null;
        }

        new Data.SeededRandom(seed, stream: 17).Shuffle<int>(included);
        return whole.Without(included[tasks..].ToHashSet());
    }

    /// <inheritdoc/>
    public FleetEvidenceValue Evaluate(Prior prior, IReadOnlySet<int>? heldOut = null) => evaluate(prior, heldOut);

    /// <inheritdoc/>
    public void Exclude(IReadOnlyList<ExcludedTask> tasks) => whole.Exclude(tasks);
}
