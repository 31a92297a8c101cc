using AdaptCluster.Client;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using TorchSharp;

namespace AdaptCluster.Bench.Clusters;

/// <summary>A generated network as a source of a cluster: 13-64-64-1, p = 5,121.</summary>
internal static class GeneratedSource
{
    /// <summary>What it is called.</summary>
    public const string Name = "generated";

    private const int Inputs = 13;
    private const double Scale = 0.01;
    private const double NoiseVariance = 1;

    /// <summary>Registers it and sets its prior.</summary>
    public static async Task<SourceHandle> RegisterAsync(AdaptClient client, CancellationToken cancellationToken)
    {
        SourceHandle source = client.Source(Name);
        await source.RegisterAsync(
            new SourceRegistration
            {
                Schema = InputSchema.Numeric([.. Enumerable.Range(0, Inputs).Select(i => $"x{i}")]),
                Targets = ["y"],
                Network = NetworkDescription.Mlp(Inputs, [64, 64], 1, "tanh"),
                Weights = TensorPayload.FromVector(Model().Weights.Values),
            },
            cancellationToken);
        await source.SetPriorAsync(new PriorSetting(Scale, NoiseVariance, MeanIsSource: true), cancellationToken);
        return source;
    }

    /// <summary>Rows; the same seed and count give the same ones.</summary>
    public static LabelledRows Rows(int count, int seed)
    {
        TaskData data = GeneratedTasks.Task(count, Inputs, seed);
        return new LabelledRows(new Rows(count, Inputs, data.Inputs.Values), new Rows(count, 1, data.Targets.Values));
    }

    /// <summary>The standard deviation of the function before anything was observed: what one observation drowned in noise leaves of it.</summary>
    public static double[] PriorDeviations(Rows at)
    {
        SourceModel model = Model();
        using var network = new SourceNetwork(model, torch.CPU);
        using TaskPosterior posterior = TaskPosterior.Fit(network, GeneratedTasks.Task(1, Inputs, seed: 0), Prior.Uniform(model.Spec, Scale, 1e12));
        return [.. posterior.Predict(new RowMatrix(at.Count, Inputs, at.Values)).LatentVariance.Values.Select(Math.Sqrt)];
    }

    /// <summary>What the mathematics says of rows without any actor: mean and variance of the function.</summary>
    public static (double[] Mean, double[] Variance) Reference(LabelledRows rows, Rows at)
    {
        SourceModel model = Model();
        using var network = new SourceNetwork(model, torch.CPU);
        var data = new TaskData(
            new RowMatrix(rows.Count, Inputs, rows.Inputs.Values), new RowMatrix(rows.Count, 1, rows.Targets.Values));
        using TaskPosterior posterior = TaskPosterior.Fit(network, data, Prior.Uniform(model.Spec, Scale, NoiseVariance));
        Numerics.Posteriors.Prediction prediction = posterior.Predict(new RowMatrix(at.Count, Inputs, at.Values));
        return (prediction.Mean.Values, prediction.LatentVariance.Values);
    }

    private static SourceModel Model() => GeneratedTasks.Model(Inputs, 64, 64);
}
