using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>The architecture of a source's network.</summary>
/// <param name="Inputs">How many numbers a row has, after encoding.</param>
/// <param name="Layers">Of a chain of dense layers in a request: the layers, first to last. Empty otherwise.</param>
[GenerateSerializer, Immutable, Alias("adapt.NetworkDescription")]
public sealed record NetworkDescription(
    [property: Id(0)] int Inputs,
    [property: Id(1)] ImmutableArray<LayerDescription> Layers)
{
    /// <summary>In a request: any network, as the JSON that docs/network-spec.md describes. Null for a chain of dense layers.</summary>
    [Id(2)]
    public string? Spec { get; init; }

    /// <summary>In a request: what errors call it, a file for example. Null for "network".</summary>
    [Id(4)]
    public string? SpecName { get; init; }

    /// <summary>In an answer: a line about it, <c>16-64-64-1 tanh</c> for a chain of dense layers.</summary>
    [Id(3)]
    public string? Summary { get; init; }

    /// <summary>A multi-layer perceptron: hidden layers with one activation and a linear output.</summary>
    public static NetworkDescription Mlp(int inputs, ReadOnlySpan<int> hidden, int outputs, string activation)
    {
        ImmutableArray<LayerDescription>.Builder layers = ImmutableArray.CreateBuilder<LayerDescription>(hidden.Length + 1);
        foreach (int width in hidden)
        {
            layers.Add(new LayerDescription(width, activation));
        }

        layers.Add(new LayerDescription(outputs, "identity"));
        return new NetworkDescription(inputs, layers.MoveToImmutable());
    }

    /// <summary>A line about it: <c>16-64-64-1 tanh</c> for a chain of dense layers.</summary>
    public override string ToString() => Summary ?? (Spec is null ? Chain() : "a network by its description");

    private string Chain() =>
        $"{Inputs}-{string.Join('-', Layers.Select(layer => layer.Outputs))} {(Layers.Length > 1 ? Layers[0].Activation : "linear")}";
}
