using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>Learns the fleet prior of a source from many tasks' rows.</summary>
[GenerateSerializer, Immutable, Alias("adapt.PriorFitRequest")]
public sealed record PriorFitRequest
{
    /// <summary>The rows with their tasks, encoded by the source's schema, in the data's own units.</summary>
    [Id(0)]
    public required StagedDataset Data { get; init; }

    /// <summary>One scale for all parameters, instead of one per block.</summary>
    [Id(1)]
    public bool SingleScale { get; init; }

    /// <summary>The most rows of one task that enter the evidence, a seeded sample of a larger task. Default 256.</summary>
    [Id(2)]
    public int MaxRowsPerTask { get; init; } = 256;

    /// <summary>The most iterations of the optimiser. Default 100.</summary>
    [Id(3)]
    public int MaxIterations { get; init; } = 100;

    /// <summary>Seeds the sample of rows. Default 0.</summary>
    [Id(4)]
    public int Seed { get; init; }

    /// <summary>
    /// Every output is adapted on its own, on the features that the network's outputs share, instead of all together: for many outputs.
    /// </summary>
    [Id(5)]
    public bool IndependentOutputs { get; init; }

    /// <summary>How many directions, with a shift, are learned beside the scales; null for what held-out tasks decide. Default 0: neither.</summary>
    [Id(6)]
    public int? Rank { get; init; } = 0;

    /// <summary>Whether it is learned how far tasks differ in noise and overall scale. Default true.</summary>
    [Id(8)]
    public bool LearnsSpread { get; init; } = true;

    /// <summary>The names of the tasks, in the order of their rows; empty: they are named by their places.</summary>
    [Id(7)]
    public ImmutableArray<string> TaskNames { get; init; } = [];

    /// <summary>
    /// Names the fit: a call that is repeated with the same joins the fit under way, or gets the prior it gave. Empty: the fit has a name that nobody knows.
    /// </summary>
    [Id(9)]
    public Guid Fit { get; init; }
}
