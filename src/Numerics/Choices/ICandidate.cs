using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.Choices;

/// <summary>
/// One explanation of how a task differs from the source, with a proper evidence: what it does not know of the fleet is integrated over. The noise is
/// the same for all candidates: it belongs to the observations, and a candidate that could call a difference noise would explain everything.
/// One thread at a time.
/// </summary>
internal interface ICandidate : IDisposable
{
    /// <summary>What reports call it; see <see cref="CandidateNames"/>.</summary>
    string Name { get; }

    /// <summary>Puts the fleet's tasks where they are needed. Called once, from outside of a slice.</summary>
    void Load(IReadOnlyList<TaskData> tasks, IComputeSlices slices);

    /// <summary>Sets what is shared by the fleet to where the weighted sum of the tasks' log evidences is largest. From outside of a slice.</summary>
    /// <param name="weights">One per task, not negative.</param>
    /// <param name="noiseVariance">Of an observation, in standardised units squared.</param>
    /// <param name="slices">Where it computes.</param>
    void Learn(IReadOnlyList<double> weights, double noiseVariance, IComputeSlices slices);

    /// <summary>The log evidence of every task of the fleet, in nats of standardised targets. From outside of a slice.</summary>
    double[] LogEvidences(IComputeSlices slices);

    /// <summary>The log evidence of a task's rows, and its model. Within a slice; the caller disposes the model.</summary>
    (double LogEvidence, ITaskModel Model) Fit(TaskData data);
}
