using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>The joint evidence of many independent tasks. A host may spread the tasks over machines; sums must be taken in a fixed order.</summary>
public interface IFleetEvidence
{
    /// <summary>The number of tasks.</summary>
    int TaskCount { get; }

    /// <summary>What the fit needs to know before it starts.</summary>
    FleetSummary Summary { get; }

    /// <summary>The sum over the tasks of the log evidence, with its gradient.</summary>
    EvidenceValue Evaluate(Prior prior);
}
