using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Bench;

/// <summary>Networks, priors and rows for measurements; what they hold does not matter, their sizes do.</summary>
internal static class GeneratedTasks
{
    public static SourceModel Model(int inputs, params ReadOnlySpan<int> hidden)
    {
        NetworkSpec spec = NetworkSpec.Mlp(inputs, hidden, 1, Activation.Tanh);
        return new SourceModel(NetworkWeights.Initialise(spec, seed: 1), Standardisation.Identity(inputs), Standardisation.Identity(1));
    }

    public static Prior Prior(NetworkSpec spec) => Numerics.Priors.Prior.Uniform(spec, 0.01, 0.1) with { SourceResidualVariance = 1 };

    public static RowMatrix Inputs(int rows, int width, int seed) => Normal(rows, width, seed);

    public static TaskData Task(int rows, int width, int seed) => new(Normal(rows, width, seed), Normal(rows, 1, ~seed));

    private static RowMatrix Normal(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        double[] values = new double[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            // A sum of uniform numbers is normal enough for sizes and speeds.
            values[i] = (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 2;
        }

        return new RowMatrix(rows, columns, values);
    }
}
