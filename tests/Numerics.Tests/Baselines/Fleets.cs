using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tests.Support;

namespace AdaptCluster.Numerics.Tests.Baselines;

/// <summary>Generated fleets around a small source network.</summary>
internal static class Fleets
{
    internal static readonly NetworkSpec Spec = NetworkSpec.Mlp(2, [8, 6], 1, Activation.Tanh);

    internal static SourceModel Model(NetworkSpec? spec = null) => Cases.Build(spec ?? Spec, seed: 5, rows: 1, others: 1).Model;

    /// <summary>Tasks that are the source network with moved weights, a shift and noise.</summary>
    internal static List<TaskData> Related(SourceModel model, int tasks, int rows, int seed, double moved = 0.15, double noise = 0.1)
    {
        var random = new SeededRandom(seed, 11);
        return [.. Enumerable.Range(0, tasks).Select(_ => Task(Moved(model, moved, random), rows, noise, random))];
    }

    /// <summary>Tasks that have nothing to do with the network: sines of the inputs.</summary>
    internal static List<TaskData> Unrelated(SourceModel model, int tasks, int rows, int seed, double noise = 0.1)
    {
        var random = new SeededRandom(seed, 12);
        return
        [
            .. Enumerable.Range(0, tasks).Select(_ =>
            {
                RowMatrix x = Cases.Normal(random, rows, model.Spec.InputWidth);
                double[] phase = random.Normals(3);
                double amplitude = 4 + random.NextDouble();
                double[] y = [.. Enumerable.Range(0, rows).Select(i => (amplitude * Math.Sin((1.2 * x[i, 0]) + (phase[0] * x[i, 1]) + (6 * phase[1]))) + (noise * random.NextNormal()))];
                return new TaskData(x, model.OutputStandardisation.Invert(new RowMatrix(rows, 1, y)));
            }),
        ];
    }

    private static SourceModel Moved(SourceModel model, double deviation, SeededRandom random)
    {
        float[] values = Array.ConvertAll(model.Weights.Values, w => (float)(w + (deviation * random.NextNormal())));
        return new SourceModel(new NetworkWeights(model.Spec, values), model.InputStandardisation, model.OutputStandardisation);
    }

    private static TaskData Task(SourceModel truth, int rows, double noise, SeededRandom random)
    {
        using SourceNetwork network = new(truth, TorchSharp.torch.CPU);
        RowMatrix x = Cases.Normal(random, rows, truth.Spec.InputWidth);
        Standardisation units = truth.OutputStandardisation;
        double[] y = [.. units.Apply(network.Evaluate(x)).Values.Select(f => f + (noise * random.NextNormal()))];
        return new TaskData(x, units.Invert(new RowMatrix(rows, truth.Spec.Outputs, y)));
    }
}
