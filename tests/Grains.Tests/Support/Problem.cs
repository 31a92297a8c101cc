using AdaptCluster.Client;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Grains.Tests.Support;

/// <summary>A small network with weights of its own, rows for it, and what the mathematics says of them without any actor.</summary>
internal sealed class Problem
{
    public const double Scale = 0.3;
    public const double NoiseVariance = 0.05;

    private readonly SourceModel _model;

    public Problem(int seed = 1, int inputs = 2, int outputs = 1, int hidden = 6)
    {
        var random = new Draws(seed);
        NetworkSpec spec = NetworkSpec.Mlp(inputs, [hidden], outputs, Activation.Tanh);
        _model = new SourceModel(
            new NetworkWeights(spec, [.. random.Normals(spec.ParameterCount).Select(weight => (float)weight)]),
            new Standardisation([.. random.Normals(inputs)], [.. random.Normals(inputs).Select(value => 0.5 + Math.Abs(value))]),
            new Standardisation([.. random.Normals(outputs)], [.. random.Normals(outputs).Select(value => 0.5 + Math.Abs(value))]));
        Registration = new SourceRegistration
        {
            Schema = InputSchema.Numeric([.. Enumerable.Range(0, inputs).Select(i => $"x{i}")]),
            Targets = [.. Enumerable.Range(0, outputs).Select(i => $"y{i}")],
            Network = NetworkDescription.Mlp(inputs, [hidden], outputs, "tanh"),
            Weights = TensorPayload.FromVector(_model.Weights.Values),
            InputMean = _model.InputStandardisation.Mean,
            InputScale = _model.InputStandardisation.Scale,
            OutputMean = _model.OutputStandardisation.Mean,
            OutputScale = _model.OutputStandardisation.Scale,
        };
    }

    public SourceRegistration Registration { get; }

    public static PriorSetting Prior { get; } = new(Scale, NoiseVariance, MeanIsSource: true);

    public int Inputs => _model.Spec.InputWidth;

    public int Outputs => _model.Spec.Outputs;

    /// <summary>Random rows; the same seed gives the same ones.</summary>
    public LabelledRows Rows(int count, int seed = 1)
    {
        var random = new Draws(seed + 1_000);
        return new LabelledRows(
            new Rows(count, Inputs, random.Normals(count * Inputs)), new Rows(count, Outputs, random.Normals(count * Outputs)));
    }

    public Rows NewInputs(int count = 7) => Rows(count, seed: 987).Inputs;

    public ObservationBatch Batch(string id, int count, int seed = 1)
    {
        LabelledRows rows = Rows(count, seed);
        return new ObservationBatch(
            id,
            TensorPayload.FromMatrix(rows.Inputs.Values, count, Inputs),
            TensorPayload.FromMatrix(rows.Targets.Values, count, Outputs));
    }

    /// <summary>Registers the network and sets its prior.</summary>
    public async Task<SourceHandle> RegisterAsync(AdaptClient client, string name = "source")
    {
        SourceHandle source = client.Source(name);
        await source.RegisterAsync(Registration);
        await source.SetPriorAsync(Prior);
        return source;
    }

    /// <summary>The posterior of the rows, computed here.</summary>
    public (AdaptationReport Report, Numerics.Posteriors.Prediction Prediction, RowMatrix[] Samples) Expected(
        LabelledRows rows, Rows at, double scale = Scale, int samples = 0, int seed = 0)
    {
        TorchRuntime.UseThreadsFor(flops: 0, most: 1);
        using var network = new SourceNetwork(_model, torch.CPU);
        Prior prior = Numerics.Priors.Prior.Uniform(_model.Spec, scale, NoiseVariance) with { SourceResidualVariance = NoiseVariance };
        using TaskPosterior posterior = TaskPosterior.Fit(network, new TaskData(Matrix(rows.Inputs), Matrix(rows.Targets)), prior);
        RowMatrix inputs = Matrix(at);
        return (posterior.Report, posterior.Predict(inputs, joint: true), samples == 0 ? [] : posterior.Sample(inputs, samples, seed));
    }

    /// <summary>A fleet of tasks with rows of their own.</summary>
    public TaskRows[] Fleet(int tasks, int rows) => [.. Enumerable.Range(0, tasks).Select(i => new TaskRows($"t{i}", Rows(rows, seed: 100 + i)))];

    /// <summary>The prior of a fleet, fitted here.</summary>
    public FleetFit Fitted(IReadOnlyList<TaskRows> fleet, FleetFitOptions options)
    {
        TorchRuntime.UseThreadsFor(flops: 0, most: 1);
        using var network = new SourceNetwork(_model, torch.CPU);
        using var evidence = new FleetEvidence(network, [.. fleet.Select(task => new TaskData(Matrix(task.Rows.Inputs), Matrix(task.Rows.Targets)))], options);
        return FleetPriorFitter.Fit(evidence, _model.Spec, options);
    }

    /// <summary>The standard deviation of the function before anything was observed: what hardly any noise-free observation leaves of it.</summary>
    public double[] PriorDeviations(Rows at)
    {
        TorchRuntime.UseThreadsFor(flops: 0, most: 1);
        using var network = new SourceNetwork(_model, torch.CPU);
        Prior blind = Numerics.Priors.Prior.Uniform(_model.Spec, Scale, 1e12);
        LabelledRows rows = Rows(1);
        using TaskPosterior posterior = TaskPosterior.Fit(network, new TaskData(Matrix(rows.Inputs), Matrix(rows.Targets)), blind);
        return [.. posterior.Predict(Matrix(at)).LatentVariance.Values.Select(Math.Sqrt)];
    }

    private static RowMatrix Matrix(Rows rows) => new(rows.Count, rows.Width, rows.Values);
}
