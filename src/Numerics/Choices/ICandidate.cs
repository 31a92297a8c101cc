using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.Choices;

/// <summary>
/// One explanation of how a task differs from the source, with a proper evidence: what it does not know of the fleet is integrated over. What is believed about
/// the noise is the same for all candidates: it belongs to the observations, and a candidate that could call a difference noise would explain everything.
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
    /// <param name="noise">Of an observation.</param>
    /// <param name="slices">Where it computes.</param>
    void Learn(IReadOnlyList<double> weights, SharedNoise noise, IComputeSlices slices);

    /// <summary>The log evidence of every task of the fleet, in nats of standardised targets. From outside of a slice.</summary>
    double[] LogEvidences(IComputeSlices slices);

    /// <summary>The log evidence of a task's rows, of which there are not too many. Within a slice.</summary>
    double LogEvidence(TaskData data);

    /// <summary>The model of a task. Within a slice; the caller disposes it.</summary>
    ITaskModel Model(TaskData data);
}
