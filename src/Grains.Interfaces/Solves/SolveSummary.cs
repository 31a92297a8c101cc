namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>What an iterative solve took.</summary>
[GenerateSerializer, Immutable, Alias("adapt.SolveSummary")]
public sealed record SolveSummary
{
    /// <summary>The plan.</summary>
    [Id(0)]
    public required SolvePlanDescription Plan { get; init; }

    /// <summary>Steps of the recurrence.</summary>
    [Id(1)]
    public required int Iterations { get; init; }

    /// <summary>The relative residual, recomputed.</summary>
    [Id(2)]
    public required double RelativeResidual { get; init; }

    /// <summary>About the error of a predicted mean, in prior standard deviations.</summary>
    [Id(3)]
    public required double Error { get; init; }

    /// <summary>Payload bytes per step, there and back, over all shards.</summary>
    [Id(4)]
    public required double BytesPerIteration { get; init; }

    /// <summary>Messages per step, there and back, over all shards.</summary>
    [Id(5)]
    public required double MessagesPerIteration { get; init; }

    /// <summary>Seconds since the solve was last taken up.</summary>
    [Id(6)]
    public required double Seconds { get; init; }

    /// <summary>Times that a shard was loaded again.</summary>
    [Id(7)]
    public required int Reloads { get; init; }
}
