using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>Trains a network on a staged data set and registers it under the source's name.</summary>
[GenerateSerializer, Immutable, Alias("adapt.TrainingRequest")]
public sealed record TrainingRequest
{
    /// <summary>The rows, encoded by <see cref="Schema"/>, in the data's own units. Tasks do not matter here.</summary>
    [Id(0)]
    public required StagedDataset Data { get; init; }

    /// <summary>The input columns.</summary>
    [Id(1)]
    public required InputSchema Schema { get; init; }

    /// <summary>The names of the target columns, one per network output.</summary>
    [Id(2)]
    public required ImmutableArray<string> Targets { get; init; }

    /// <summary>The network; its inputs must fit the schema and its outputs the targets.</summary>
    [Id(3)]
    public required NetworkDescription Network { get; init; }

    /// <summary>The most passes over the data. Default 200.</summary>
    [Id(4)]
    public int Epochs { get; init; } = 200;

    /// <summary>Rows per gradient step. Default 256.</summary>
    [Id(5)]
    public int BatchSize { get; init; } = 256;

    /// <summary>Adam's step size. Default 0.001.</summary>
    [Id(6)]
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The share of rows held out to decide when to stop, between 0 and 1 (exclusive). Default 0.1.</summary>
    [Id(7)]
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Epochs without improvement on the held-out rows after which training stops. Default 20.</summary>
    [Id(8)]
    public int Patience { get; init; } = 20;

    /// <summary>Seeds the initial weights, the held-out rows and the order of batches. Default 0.</summary>
    [Id(9)]
    public int Seed { get; init; }

    /// <summary>Which parameters are adapted afterwards: <c>all</c>, <c>last</c>, or names and patterns with * separated by commas.</summary>
    [Id(10)]
    public string Adapting { get; init; } = "all";
}
