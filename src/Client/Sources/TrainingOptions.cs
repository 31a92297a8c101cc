using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Client.Sources;

/// <summary>How a network is trained.</summary>
public sealed class TrainingOptions
{
    /// <summary>The widths of the hidden layers. Default 64, 64.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [64, 64];

    /// <summary>Their non-linearity: tanh, relu, gelu, silu, sigmoid and others. Default tanh.</summary>
    public string Activation { get; init; } = "tanh";

    /// <summary>Any network, as the JSON that docs/network-spec.md describes, instead of hidden layers. Default: none.</summary>
    public string? Spec { get; init; }

    /// <summary>What errors call <see cref="Spec"/>. Default: network.</summary>
    public string SpecName { get; init; } = "network";

    /// <summary>Which parameters are adapted: all, last, or names and patterns with * separated by commas. Default: all.</summary>
    public string Adapting { get; init; } = "all";

    /// <summary>The most passes over the data. Default 200.</summary>
    public int Epochs { get; init; } = 200;

    /// <summary>Rows per gradient step. Default 256.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Adam's step size. Default 0.001.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The share of rows held out to decide when to stop. Default 0.1.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Epochs without improvement after which training stops. Default 20.</summary>
    public int Patience { get; init; } = 20;

    /// <summary>Seeds everything random. Default 0.</summary>
    public int Seed { get; init; }

    internal NetworkDescription Network(InputSchema schema, int outputs) => Spec is null
        ? NetworkDescription.Mlp(schema.Width, [.. Hidden], outputs, Activation)
        : new NetworkDescription(schema.Width, []) { Spec = Spec, SpecName = SpecName };
}
