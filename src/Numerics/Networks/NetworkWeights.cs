using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.Networks;

/// <summary>The parameters of a network as one flat fp32 vector in block order, in managed memory. The array is shared: do not change it.</summary>
public sealed class NetworkWeights
{
    /// <summary>Wraps <paramref name="values"/>, length p, in the order of <see cref="NetworkSpec.Blocks"/>.</summary>
    /// <exception cref="ArgumentException">The length is not the network's, or a value is not finite.</exception>
    public NetworkWeights(NetworkSpec spec, float[] values)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(values);
        spec.Validate();
        if (values.Length != spec.ParameterCount)
        {
            throw new ArgumentException($"The network has {spec.ParameterCount} parameters, but {values.Length} values were given.", nameof(values));
        }

        int bad = Array.FindIndex(values, v => !float.IsFinite(v));
        if (bad >= 0)
        {
            string block = spec.Blocks.First(b => bad < b.Offset + b.Count).Name;
            throw new ArgumentException($"Element {bad} (in '{block}') is not finite: the weights are damaged or training diverged.", nameof(values));
        }

        Spec = spec;
        Values = values;
    }

    /// <summary>The network these are the weights of.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>All parameters, length p. Shared.</summary>
    public float[] Values { get; }

    /// <summary>
    /// Random weights: normal with variance gain^2 / d_in (LeCun; He et al. 2015 for the rectifier family, gain^2 = 2), biases 0.
    /// The same seed gives the same bits everywhere.
    /// </summary>
    public static NetworkWeights Initialise(NetworkSpec spec, int seed)
    {
        ArgumentNullException.ThrowIfNull(spec);
        spec.Validate();
        var random = new SeededRandom(seed);
        var values = new float[spec.ParameterCount];
        for (int l = 0; l < spec.Layers.Length; l++)
        {
            bool rectifier = spec.Layers[l].Activation is Activation.ReLU or Activation.LeakyReLU or Activation.GELU or Activation.SiLU;
            double deviation = Math.Sqrt((rectifier ? 2.0 : 1.0) / spec.InputsOf(l));
            ParameterBlock weight = spec.Blocks[2 * l];
            for (int i = 0; i < weight.Count; i++)
            {
                values[weight.Offset + i] = (float)(deviation * random.NextNormal());
            }
        }

        return new NetworkWeights(spec, values);
    }

    /// <summary>The elements of block <paramref name="block"/>, row-major; a view.</summary>
    public ReadOnlySpan<float> Block(int block)
    {
        ParameterBlock b = Spec.Blocks[block];
        return Values.AsSpan(b.Offset, b.Count);
    }
}
