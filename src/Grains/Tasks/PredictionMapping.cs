using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;

namespace AdaptCluster.Grains.Tasks;

/// <summary>From the mathematics' prediction to the message.</summary>
internal static class PredictionMapping
{
    public static PredictionResult ToResult(Prediction prediction, RowMatrix[] samples, SourceModel model, StoredPosterior posterior) =>
        ToResult(prediction, samples, model, posterior.Prior, posterior.Description.Version, posterior.Description.Exact);

    public static PredictionResult ToResult(
        Prediction prediction, RowMatrix[] samples, SourceModel model, PriorDescription prior, int version, bool exact)
    {
        int outputs = model.Spec.Outputs;
        double[] sourceNoise = [.. model.OutputStandardisation.Scale.Select(scale => scale * scale * prior.SourceNoiseVariance)];
        return new PredictionResult
        {
            Mean = Matrix(prediction.Mean),
            LatentVariance = Matrix(prediction.LatentVariance),
            NoiseVariance = Vector(prediction.NoiseVariance.Row(0)),
            SourceMean = Matrix(prediction.SourceMean),
            SourceNoiseVariance = Vector(sourceNoise),
            JointCovariance = prediction.JointCovariance is null ? null : Matrix(prediction.JointCovariance),
            Samples = samples.Length == 0 ? null : Stack(samples, outputs),
            Version = version,
            PriorVersion = prior.Version,
            Exact = exact,
        };
    }

    private static TensorPayload Matrix(RowMatrix matrix) => TensorPayload.FromMatrix(matrix.Values, matrix.Rows, matrix.Columns);

    private static TensorPayload Vector(ReadOnlySpan<double> values) => new(
        TensorElementType.Float64, [values.Length], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values).ToArray());

    private static TensorPayload Stack(RowMatrix[] samples, int outputs)
    {
        int rows = samples[0].Rows;
        double[] values = [.. samples.SelectMany(sample => sample.Values)];
        return new TensorPayload(
            TensorElementType.Float64,
            [samples.Length, rows, outputs],
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }
}
