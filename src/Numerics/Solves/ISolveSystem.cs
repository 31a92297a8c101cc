using AdaptCluster.Numerics.Solvers;
using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>
/// A linear system A X = B whose products come from shards, as its coordinator sees it. Sequences of requests hold null where the coordinator has done a
/// part of its own work and goes on when it is asked again. Owns its tensors.
/// </summary>
internal interface ISolveSystem : IDisposable
{
    /// <summary>The length of a vector.</summary>
    int Size { get; }

    /// <summary>The right-hand sides that are answers, without probes.</summary>
    int Targets { get; }

    /// <summary>Known once prepared.</summary>
    IPreconditioner Preconditioner { get; }

    /// <summary>B, [size, targets], fp64; known once prepared. Owned by the system.</summary>
    torch.Tensor RightHandSides { get; }

    /// <summary>What must be known before the recurrence starts.</summary>
    IEnumerable<ShardRequest?> Prepare(AnswerSlot answers);

    /// <summary>What is sent for some columns of the block, in their dtype. In the caller's dispose scope.</summary>
    /// <param name="vectors">[size, a].</param>
    /// <param name="columns">Which columns of the block, length a.</param>
    torch.Tensor Outgoing(torch.Tensor vectors, ReadOnlySpan<int> columns);

    /// <summary>A V from the shards' answers, [size, a], fp64. In the caller's dispose scope.</summary>
    /// <param name="vectors">V, fp32 or fp64; not changed.</param>
    /// <param name="columns">Which columns of the block, length a.</param>
    /// <param name="answers">In shard order.</param>
    /// <param name="inDouble">Whether the answers are fp64 where the layout leaves a choice.</param>
    torch.Tensor Product(torch.Tensor vectors, ReadOnlySpan<int> columns, IReadOnlyList<byte[]> answers, bool inDouble);
}
