namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>One way to solve a task, with what it would cost.</summary>
[GenerateSerializer, Immutable, Alias("adapt.PlanCandidateDescription")]
public sealed record PlanCandidateDescription
{
    /// <summary>In a few words.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Why it cannot be done; null if it can.</summary>
    [Id(1)]
    public string? Reason { get; init; }

    /// <summary>Floating-point operations in all, with the expected number of iterations.</summary>
    [Id(2)]
    public double Flops { get; init; }

    /// <summary>The iterations that are expected; 0 for a direct solve.</summary>
    [Id(3)]
    public int Iterations { get; init; }

    /// <summary>Bytes of vectors sent and received in one iteration.</summary>
    [Id(4)]
    public long BytesPerIteration { get; init; }

    /// <summary>Messages in one iteration, there and back.</summary>
    [Id(5)]
    public int MessagesPerIteration { get; init; }

    /// <summary>The memory of the largest shard, in bytes; of a direct solve, its own.</summary>
    [Id(6)]
    public long ShardBytes { get; init; }

    /// <summary>The memory of the coordinator, in bytes.</summary>
    [Id(7)]
    public long CoordinatorBytes { get; init; }

    /// <summary>The predicted time, in seconds; infinite for what cannot be done at all.</summary>
    [Id(8)]
    public double Seconds { get; init; }
}
