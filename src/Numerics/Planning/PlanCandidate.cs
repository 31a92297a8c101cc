using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Numerics.Planning;

/// <summary>One way to solve a task, with what it would cost.</summary>
public sealed record PlanCandidate
{
    /// <summary>What it is, in a few words: "direct, function space", "kernel rows, 3 shards, kept".</summary>
    public required string Name { get; init; }

    /// <summary>The iterative plan; null for a direct solve.</summary>
    public SolvePlan? Plan { get; init; }

    /// <summary>Of a direct solve: whether its matrix is factorised in fp32 and the solution refined (<see cref="Adaptation.RefinedFit"/>).</summary>
    public bool IsRefined { get; init; }

    /// <summary>Why it cannot be done; null if it can.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether it can be done.</summary>
    public bool IsFeasible => Reason is null;

    /// <summary>Floating-point operations in all, with the expected number of iterations.</summary>
    public double Flops { get; init; }

    /// <summary>The iterations that are expected; 0 for a direct solve.</summary>
    public int Iterations { get; init; }

    /// <summary>Floating-point operations of one iteration, all columns running.</summary>
    public double FlopsPerIteration { get; init; }

    /// <summary>Bytes of vectors sent and received in one iteration, all columns running.</summary>
    public long BytesPerIteration { get; init; }

    /// <summary>Messages in one iteration, there and back.</summary>
    public int MessagesPerIteration { get; init; }

    /// <summary>The memory of the largest shard, in bytes; of a direct solve, its own.</summary>
    public long ShardBytes { get; init; }

    /// <summary>The memory of the coordinator, in bytes.</summary>
    public long CoordinatorBytes { get; init; }

    /// <summary>The predicted time, in seconds.</summary>
    public double Seconds { get; init; }
}
