using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Networks;

/// <summary>The shape of a network of dense layers: everything but its weights. Equality is by content.</summary>
/// <param name="Inputs">The width of the input, at least 1.</param>
/// <param name="Layers">The layers in order, at least one; the last one's width is the number of outputs.</param>
public sealed record NetworkSpec(int Inputs, ImmutableArray<DenseLayerSpec> Layers)
{
    private readonly Lazy<ImmutableArray<ParameterBlock>> _blocks = new(() => BuildBlocks(Inputs, Layers));

    // A copy by 'with' may change the widths: its blocks are built from its own.
    private NetworkSpec(NetworkSpec original)
    {
        Inputs = original.Inputs;
        Layers = original.Layers;
        _blocks = new Lazy<ImmutableArray<ParameterBlock>>(() => BuildBlocks(Inputs, Layers));
    }

    /// <summary>The number of outputs, c.</summary>
    public int Outputs => Layers[^1].Outputs;

    /// <summary>The number of parameters, p.</summary>
    public int ParameterCount => Blocks[^1].Offset + Blocks[^1].Count;

    /// <summary>The parameter blocks in the order of the flat vector: each layer's weight, then its bias.</summary>
    public ImmutableArray<ParameterBlock> Blocks => _blocks.Value;

    /// <summary>A multi-layer perceptron: hidden layers with one activation, then a linear output layer.</summary>
    public static NetworkSpec Mlp(int inputs, ReadOnlySpan<int> hidden, int outputs, Activation activation)
    {
        ImmutableArray<DenseLayerSpec>.Builder layers = ImmutableArray.CreateBuilder<DenseLayerSpec>(hidden.Length + 1);
        foreach (int width in hidden)
        {
            layers.Add(new DenseLayerSpec(width, activation));
        }

        layers.Add(new DenseLayerSpec(outputs, Activation.Identity));
        var spec = new NetworkSpec(inputs, layers.MoveToImmutable());
        spec.Validate();
        return spec;
    }

    /// <summary>The width of what layer <paramref name="layer"/> reads.</summary>
    public int InputsOf(int layer) => layer == 0 ? Inputs : Layers[layer - 1].Outputs;

    /// <summary>Checks the widths and activations.</summary>
    /// <exception cref="ArgumentException">Something is out of range; the message names it.</exception>
    public void Validate()
    {
        if (Inputs < 1)
        {
            throw new ArgumentException($"A network needs at least 1 input, not {Inputs}.");
        }

        if (Layers.IsDefaultOrEmpty)
        {
            throw new ArgumentException("A network needs at least one layer.");
        }

        long count = 0;
        for (int l = 0; l < Layers.Length; l++)
        {
            DenseLayerSpec layer = Layers[l] ?? throw new ArgumentException($"Layer {l} is missing.");
            if (layer.Outputs < 1 || !Enum.IsDefined(layer.Activation))
            {
                throw new ArgumentException($"Layer {l} must have at least 1 unit and a known activation, but has {layer.Outputs} and '{layer.Activation}'.");
            }

            count += ((long)InputsOf(l) + 1) * layer.Outputs;
            if (count > int.MaxValue)
            {
                throw new ArgumentException($"The network has more than {int.MaxValue} parameters up to layer {l}.");
            }
        }
    }

    /// <inheritdoc/>
    public bool Equals(NetworkSpec? other) =>
        other is not null && Inputs == other.Inputs && Layers.AsSpan().SequenceEqual(other.Layers.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Inputs, Layers.Length, Layers[0], Layers[^1]);

    private static ImmutableArray<ParameterBlock> BuildBlocks(int inputs, ImmutableArray<DenseLayerSpec> layers)
    {
        ImmutableArray<ParameterBlock>.Builder blocks = ImmutableArray.CreateBuilder<ParameterBlock>(2 * layers.Length);
        int offset = 0;
        int width = inputs;
        for (int l = 0; l < layers.Length; l++)
        {
            int outputs = layers[l].Outputs;
            blocks.Add(new ParameterBlock($"layers.{l}.weight", [outputs, width], offset, outputs * width));
            offset += outputs * width;
            blocks.Add(new ParameterBlock($"layers.{l}.bias", [outputs], offset, outputs));
            offset += outputs;
            width = outputs;
        }

        return blocks.MoveToImmutable();
    }
}
