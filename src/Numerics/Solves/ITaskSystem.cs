using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>The system of one task: its solution is a posterior.</summary>
internal interface ITaskSystem : ISolveSystem
{
    /// <summary>What makes the posterior of a converged solution.</summary>
    /// <param name="solution">X, [size, 1], fp64.</param>
    /// <param name="spectrum">What the probes said about P^-1/2 A P^-1/2.</param>
    /// <param name="answers">In shard order.</param>
    IEnumerable<ShardRequest?> Finish(torch.Tensor solution, SpectrumEstimate spectrum, AnswerSlot answers);

    /// <summary>The posterior, once finished.</summary>
    SolvedPosterior Posterior { get; }

    /// <summary>What it is worth, once finished.</summary>
    Adaptation.AdaptationReport Report { get; }
}
