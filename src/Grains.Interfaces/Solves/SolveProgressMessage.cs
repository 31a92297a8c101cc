using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>Where a solve stands.</summary>
[GenerateSerializer, Immutable, Alias("adapt.SolveProgressMessage")]
public sealed record SolveProgressMessage
{
    /// <summary>What it does.</summary>
    [Id(0)]
    public required SolveStage Stage { get; init; }

    /// <summary>Steps of the recurrence so far.</summary>
    [Id(1)]
    public int Iteration { get; init; }

    /// <summary>The relative residual, as the recurrence has it; 1 before the first step.</summary>
    [Id(2)]
    public double RelativeResidual { get; init; } = 1;

    /// <summary>How many shards there are.</summary>
    [Id(3)]
    public int Shards { get; init; }

    /// <summary>The shards that keep the others waiting now, from 0.</summary>
    [Id(4)]
    public ImmutableArray<int> SlowShards { get; init; } = [];

    /// <summary>Steps per second since iterating began in this activation; 0 before.</summary>
    [Id(5)]
    public double IterationsPerSecond { get; init; }

    /// <summary>Payload bytes per step, there and back, over all shards; 0 before the first.</summary>
    [Id(6)]
    public double BytesPerIteration { get; init; }

    /// <summary>Messages per step, there and back, over all shards; 0 before the first.</summary>
    [Id(7)]
    public double MessagesPerIteration { get; init; }

    /// <summary>Times that a shard was loaded again.</summary>
    [Id(8)]
    public int Reloads { get; init; }

    /// <summary>Seconds since the solve was last taken up.</summary>
    [Id(9)]
    public double Seconds { get; init; }
}
