using System.Collections.Immutable;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>The joint evidence of many independent tasks. A host may spread the tasks over machines; sums must be taken in a fixed order.</summary>
public interface IFleetEvidence
{
    /// <summary>The number of tasks, those that are excluded with them.</summary>
    int TaskCount { get; }

    /// <summary>What the fit needs to know before it starts, of the tasks that take part.</summary>
    FleetSummary Summary { get; }

    /// <summary>The tasks that take no part.</summary>
    ImmutableArray<ExcludedTask> Excluded { get; }

    /// <summary>The sum over the tasks that take part of the log evidence, with its derivatives.</summary>
    /// <param name="prior">Where to evaluate.</param>
    /// <param name="heldOut">Tasks that are scored, but are in no sum.</param>
    FleetEvidenceValue Evaluate(Prior prior, IReadOnlySet<int>? heldOut = null);

    /// <summary>The same fleet with some of its tasks left out, to be evaluated for less; null where that would not be less.</summary>
    /// <param name="tasks">The tasks that are left out.</param>
    IFleetEvidence? Without(IReadOnlySet<int> tasks) => null;

    /// <summary>
    /// Of every task that takes part what the fleet's spreads are learned from; nothing for the others and for tasks that are too large. A host that has
    /// none of them learns no spreads.
    /// </summary>
    /// <param name="prior">The fitted prior.</param>
    IReadOnlyList<TaskSpectra?> Spectra(Prior prior) => [];

    /// <summary>Leaves tasks out from now on.</summary>
    void Exclude(IReadOnlyList<ExcludedTask> tasks);
}
