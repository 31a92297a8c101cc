using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Numerics.Networks;

/// <summary>The tensors of a network as flat fp32 vectors in block order, in managed memory. The arrays are shared: do not change them.</summary>
public sealed class NetworkWeights
{
    /// <summary>Wraps the values.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="values">Length p, in the order of <see cref="NetworkSpec.Blocks"/>.</param>
    /// <param name="fixedValues">The tensors that are never adapted, in the order of <see cref="NetworkSpec.Fixed"/>; null where there are none.</param>
    /// <param name="program">The TorchScript program of a network that is one; otherwise null.</param>
    /// <exception cref="ArgumentException">A length is not the network's, a value is not finite, or a variance is negative.</exception>
    public NetworkWeights(NetworkSpec spec, float[] values, float[]? fixedValues = null, byte[]? program = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(values);
        fixedValues ??= [];
        Require(spec.Blocks, values, nameof(values));
        Require(spec.Fixed, fixedValues, nameof(fixedValues));
        if (spec.Nodes.Any(node => node is ScriptNode) != program is not null)
        {
            throw new ArgumentException("A program is needed exactly where the network is one.", nameof(program));
        }

        Spec = spec;
        Values = values;
        FixedValues = fixedValues;
        Program = program;
        RequireVariances();
    }

    /// <summary>The network these are the weights of.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>All parameters that can be adapted, length p. Shared.</summary>
    public float[] Values { get; }

    /// <summary>All other tensors. Shared.</summary>
    public float[] FixedValues { get; }

    /// <summary>The TorchScript program, where the network is one. Shared.</summary>
    public byte[]? Program { get; }

    /// <summary>
    /// Random weights: normal with variance gain^2 / fan-in (LeCun; He et al. 2015 for networks with rectifiers, gain^2 = 2), tables and free values
    /// with variance 1 and 0.02^2, scales 1, everything else 0 (running variances 1). The same seed gives the same bits everywhere.
    /// </summary>
    /// <exception cref="ArgumentException">The network has constants, whose values cannot be made up.</exception>
    public static NetworkWeights Initialise(NetworkSpec spec, int seed)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var random = new SeededRandom(seed);
        var gains = Gains(spec);
        var values = new float[spec.ParameterCount];
        var fixedValues = new float[spec.Fixed.Sum(b => b.Count)];
        var made = new HashSet<string>(StringComparer.Ordinal);
        var adapted = spec.Blocks.ToDictionary(b => b.Name, StringComparer.Ordinal);
        var others = spec.Fixed.ToDictionary(b => b.Name, StringComparer.Ordinal);
        foreach (GraphValue value in spec.Graph.Values)
        {
            foreach (ParameterUse use in value.Tensors.Where(use => made.Add(use.Name)))
            {
                Span<float> target = adapted.TryGetValue(use.Name, out ParameterBlock? block)
                    ? values.AsSpan(block.Offset, block.Count)
                    : fixedValues.AsSpan(others[use.Name].Offset, others[use.Name].Count);
                Fill(target, use, gains.GetValueOrDefault(value.Node!.Name, 1), random);
            }
        }

        return new NetworkWeights(spec, values, fixedValues);
    }

    /// <summary>The elements of block <paramref name="block"/>, row-major; a view.</summary>
    public ReadOnlySpan<float> Block(int block)
    {
        ParameterBlock b = Spec.Blocks[block];
        return Values.AsSpan(b.Offset, b.Count);
    }

    /// <summary>The same weights for the same network with fewer parameters adapted.</summary>
    /// <exception cref="Errors.InvalidNetworkException">The selection names nothing.</exception>
    public NetworkWeights Adapting(ParameterSelection selection) => For(Spec.Adapting(selection));

    /// <summary>The same weights for a network that has the same tensors, and adapts others of them.</summary>
    /// <exception cref="ArgumentException">It has other tensors.</exception>
    public NetworkWeights For(NetworkSpec spec)
    {
        var all = new Dictionary<string, ReadOnlyMemory<float>>(StringComparer.Ordinal);
        foreach (ParameterBlock block in Spec.Blocks)
        {
            all.Add(block.Name, Values.AsMemory(block.Offset, block.Count));
        }

        foreach (ParameterBlock block in Spec.Fixed)
        {
            all.Add(block.Name, FixedValues.AsMemory(block.Offset, block.Count));
        }

        return FromTensors(
            spec, name => all.TryGetValue(name, out ReadOnlyMemory<float> tensor) ? tensor : throw new ArgumentException($"There is no '{name}'.", nameof(spec)), Program);
    }

    /// <summary>Puts weights together from tensors by name, whose lengths the caller has checked.</summary>
    public static NetworkWeights FromTensors(NetworkSpec spec, Func<string, ReadOnlyMemory<float>> tensor, byte[]? program = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(tensor);
        return new NetworkWeights(spec, Gather(spec.Blocks, tensor), Gather(spec.Fixed, tensor), program);
    }

    private static float[] Gather(ImmutableArray<ParameterBlock> blocks, Func<string, ReadOnlyMemory<float>> tensor)
    {
        var values = new float[blocks.Sum(b => b.Count)];
        foreach (ParameterBlock block in blocks)
        {
            ReadOnlySpan<float> source = tensor(block.Name).Span;
            if (source.Length != block.Count)
            {
                throw new ArgumentException($"'{block.Name}' has {source.Length} numbers instead of {block.Count}.", nameof(tensor));
            }

            source.CopyTo(values.AsSpan(block.Offset));
        }

        return values;
    }

    // The gain of a node whose value an activation of the rectifier family reads is He's.
    private static Dictionary<string, double> Gains(NetworkSpec spec)
    {
        var gains = new Dictionary<string, double>(StringComparer.Ordinal);
        bool rectifiers = spec.Nodes.Any(node => node is NormalisationNode);
        foreach (ActivationNode node in spec.Nodes.OfType<ActivationNode>())
        {
            if (node.Function is Activation.ReLU or Activation.LeakyReLU or Activation.GELU or Activation.SiLU or Activation.GELUTanh or Activation.HardSwish)
            {
                gains[node.Inputs[0]] = 2;
            }
        }

        foreach (NetworkNode node in rectifiers ? spec.Nodes.Where(n => n is ConvolutionNode) : [])
        {
            gains[node.Name] = 2;
        }

        return gains;
    }

    private static void Fill(Span<float> target, ParameterUse use, double gain, SeededRandom random)
    {
        double deviation = use.Role switch
        {
            ParameterRole.Weight => Math.Sqrt(gain / use.FanIn),
            ParameterRole.Table => 1,
            ParameterRole.Value => 0.02,
            _ => 0,
        };
        if (use.Role == ParameterRole.Constant)
        {
            throw new ArgumentException($"The network has the constant '{use.Name}', whose values cannot be made up: take a network without constants to train it.", nameof(use));
        }

        for (int i = 0; i < target.Length; i++)
        {
            target[i] = use.Role is ParameterRole.Scale or ParameterRole.RunningVariance ? 1 : deviation == 0 ? 0 : (float)(deviation * random.NextNormal());
        }
    }

    private static void Require(ImmutableArray<ParameterBlock> blocks, float[] values, string name)
    {
        int count = blocks.Length == 0 ? 0 : blocks[^1].Offset + blocks[^1].Count;
        if (values.Length != count)
        {
            throw new ArgumentException($"The network has {count} parameters of this kind, but {values.Length} values were given.", name);
        }

        int bad = Array.FindIndex(values, v => !float.IsFinite(v));
        if (bad >= 0)
        {
            string block = blocks.First(b => bad < b.Offset + b.Count).Name;
            throw new ArgumentException($"Element {bad} (in '{block}') is not finite: the weights are damaged or training diverged.", name);
        }
    }

    private void RequireVariances()
    {
        foreach (BatchNormNode node in Spec.Nodes.OfType<BatchNormNode>())
        {
            ParameterBlock block = Spec.Fixed.First(b => b.Name == node.VarianceName);
            foreach (float variance in FixedValues.AsSpan(block.Offset, block.Count))
            {
                if (variance + node.Epsilon <= 0)
                {
                    throw new ArgumentException($"'{block.Name}' has the variance {variance}, which cannot be.");
                }
            }
        }
    }
}
