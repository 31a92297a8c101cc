using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>The architecture of a source's network.</summary>
/// <param name="Inputs">How many inputs, after one-hot encoding.</param>
/// <param name="Layers">The layers, first to last; the last one gives the outputs.</param>
[GenerateSerializer, Immutable, Alias("adapt.NetworkDescription")]
public sealed record NetworkDescription(
    [property: Id(0)] int Inputs,
    [property: Id(1)] ImmutableArray<LayerDescription> Layers)
{
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

    /// <summary>Writes it as <c>16-64-64-1 tanh</c>.</summary>
    public override string ToString() =>
        $"{Inputs}-{string.Join('-', Layers.Select(layer => layer.Outputs))} {(Layers.Length > 1 ? Layers[0].Activation : "linear")}";
}
