using AdaptCluster.Client.Data;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Client.Tasks;

/// <summary>Predictions of m rows and c outputs, in the target's own units.</summary>
public sealed class Prediction
{
    /// <summary>The half-width of the central 95% interval of a normal distribution, in standard deviations.</summary>
    public const double Normal95 = 1.959963984540054;

    private Prediction()
    {
    }

    /// <summary>The posterior mean, <c>[m, c]</c>.</summary>
    public required Rows Mean { get; init; }

    /// <summary>The posterior variance of the function without noise, <c>[m, c]</c>.</summary>
    public required Rows LatentVariance { get; init; }

    /// <summary>The noise variance per output, <c>[c]</c>.</summary>
    public required IReadOnlyList<double> NoiseVariance { get; init; }

    /// <summary>What the source says with nothing adapted, <c>[m, c]</c>.</summary>
    public required Rows SourceMean { get; init; }

    /// <summary>The noise variance of the source's own prediction per output, <c>[c]</c>.</summary>
    public required IReadOnlyList<double> SourceNoiseVariance { get; init; }

    /// <summary>The joint covariance of the function, <c>[m c, m c]</c>, if asked for.</summary>
    public Rows? JointCovariance { get; init; }

    /// <summary>Samples of the function, each <c>[m, c]</c>, if asked for.</summary>
    public IReadOnlyList<Rows> Samples { get; init; } = [];

    /// <summary>The version of the posterior.</summary>
    public required int Version { get; init; }

    /// <summary>The version of the prior behind it.</summary>
    public required int PriorVersion { get; init; }

    /// <summary>Whether the posterior is exact.</summary>
    public required bool Exact { get; init; }

    /// <summary>The standard deviation of an observation, noise included.</summary>
    public double StandardDeviation(int row, int output = 0) => Math.Sqrt(LatentVariance[row][output] + NoiseVariance[output]);

    internal static Prediction From(PredictionResult result) => new()
    {
        Mean = Payloads.ToRows(result.Mean),
        LatentVariance = Payloads.ToRows(result.LatentVariance),
        NoiseVariance = result.NoiseVariance.ToDoubles(),
        SourceMean = Payloads.ToRows(result.SourceMean),
        SourceNoiseVariance = result.SourceNoiseVariance.ToDoubles(),
        JointCovariance = result.JointCovariance is null ? null : Payloads.ToRows(result.JointCovariance),
        Samples = result.Samples is null ? [] : Split(result.Samples),
        Version = result.Version,
        PriorVersion = result.PriorVersion,
        Exact = result.Exact,
    };

    internal static Prediction Concatenate(IReadOnlyList<Prediction> parts) => parts.Count == 1 ? parts[0] : new Prediction
    {
        Mean = Stack(parts, part => part.Mean),
        LatentVariance = Stack(parts, part => part.LatentVariance),
        NoiseVariance = parts[0].NoiseVariance,
        SourceMean = Stack(parts, part => part.SourceMean),
        SourceNoiseVariance = parts[0].SourceNoiseVariance,
        Version = parts.Min(part => part.Version),
        PriorVersion = parts.Min(part => part.PriorVersion),
        Exact = parts.All(part => part.Exact),
    };

    private static Rows Stack(IReadOnlyList<Prediction> parts, Func<Prediction, Rows> select)
    {
        Rows[] rows = [.. parts.Select(select)];
        return new Rows(rows.Sum(part => part.Count), rows[0].Width, [.. rows.SelectMany(part => part.Values)]);
    }

    private static Rows[] Split(TensorPayload samples)
    {
        int count = samples.Shape[0], rows = samples.Shape[1], outputs = samples.Shape[2];
        double[] values = samples.ToDoubles();
        return [.. Enumerable.Range(0, count).Select(i =>
            new Rows(rows, outputs, values.AsSpan(i * rows * outputs, rows * outputs).ToArray()))];
    }
}
