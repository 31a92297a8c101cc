namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>One part of a question; the shard computes when it has all. The receiver releases the payload.</summary>
[GenerateSerializer, Immutable, Alias("adapt.ShardQuestionMessage")]
public sealed record ShardQuestionMessage
{
    /// <summary>The session of the coordinator that asks.</summary>
    [Id(0)]
    public required long Session { get; init; }

    /// <summary>Counts the questions of a session: a repeated question has the same.</summary>
    [Id(1)]
    public required long Sequence { get; init; }

    /// <summary>Which part, from 0.</summary>
    [Id(2)]
    public required int Part { get; init; }

    /// <summary>How many parts, at least 1.</summary>
    [Id(3)]
    public required int Parts { get; init; }

    /// <summary>What is asked.</summary>
    [Id(4)]
    public required ShardQuestionKind Question { get; init; }

    /// <summary>Columns of the block of vectors.</summary>
    [Id(5)]
    public required int Columns { get; init; }

    /// <summary>The first row, of a Gram matrix.</summary>
    [Id(6)]
    public required int Start { get; init; }

    /// <summary>How many rows.</summary>
    [Id(7)]
    public required int Count { get; init; }

    /// <summary>What it is computed in.</summary>
    [Id(8)]
    public required SolvePrecision Precision { get; init; }

    /// <summary>How long to wait for the answer before saying that it is being computed.</summary>
    [Id(9)]
    public required TimeSpan Patience { get; init; }

    /// <summary>This part of the vectors.</summary>
    [Id(10)]
    public required SolvePayload Payload { get; init; }
}
