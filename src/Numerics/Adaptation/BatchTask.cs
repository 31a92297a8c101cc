using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>One task of a batch.</summary>
/// <param name="Data">Its rows, in the data's units.</param>
public sealed record BatchTask(TaskData Data)
{
    /// <summary>
    /// Where the task stands in the fleet whose prior the batch shares, if that is known; both positive. Null, the default: it is found if the prior has a
    /// spread, and is with the fleet if it has none.
    /// </summary>
    public TaskFactors? Factors { get; init; }
}
