using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using TorchSharp;

namespace AdaptCluster.Import.Tests.Support;

/// <summary>Networks evaluated as they are, in double precision.</summary>
internal static class Networks
{
    public static SourceModel Model(NetworkWeights weights) =>
        new(weights, Standardisation.Identity(weights.Spec.InputWidth), Standardisation.Identity(weights.Spec.Outputs));

    public static double[] Evaluate(NetworkWeights weights, RowMatrix x)
    {
        using var network = new SourceNetwork(Model(weights), torch.CPU);
        return network.Evaluate(x).Values;
    }

    /// <summary>The largest difference, relative to the largest value.</summary>
    public static double Error(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        double largest = 1e-12;
        double error = 0;
        for (int i = 0; i < expected.Count; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i]));
            error = Math.Max(error, Math.Abs(expected[i] - actual[i]));
        }

        return error / largest;
    }
}
