using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Grains.Interfaces.Comparisons;

/// <summary>The network that is trained on the training tasks of every split.</summary>
[GenerateSerializer, Immutable, Alias("adapt.ComparisonTraining")]
public sealed record ComparisonTraining
{
    /// <summary>How rows were encoded.</summary>
    [Id(0)]
    public required InputSchema Schema { get; init; }

    /// <summary>The names of the targets.</summary>
    [Id(1)]
    public required ImmutableArray<string> Targets { get; init; }

    /// <summary>The architecture.</summary>
    [Id(2)]
    public required NetworkDescription Network { get; init; }

    /// <summary>The most passes over the data. Default 200.</summary>
    [Id(3)]
    public int Epochs { get; init; } = 200;

    /// <summary>Rows per gradient step. Default 256.</summary>
    [Id(4)]
    public int BatchSize { get; init; } = 256;

    /// <summary>Adam's step size. Default 0.001.</summary>
    [Id(5)]
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Epochs without improvement on held-out rows after which training stops. Default 20.</summary>
    [Id(6)]
    public int Patience { get; init; } = 20;
}
