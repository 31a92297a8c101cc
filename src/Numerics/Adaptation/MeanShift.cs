using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>
/// The baseline to beat: the source network plus one constant per output, with a flat prior on the constant. The mean is the source's output
/// plus the mean residual; an observation's variance is s^2 (1 + 1/n).
/// </summary>
public static class MeanShift
{
    /// <summary>Predicts with a shifted source network.</summary>
    /// <param name="source">The network.</param>
    /// <param name="data">The observations that the shift is estimated from, at least one row, in the data's units.</param>
    /// <param name="inputs">[m, d], in the data's units.</param>
    /// <param name="noiseVariance">s^2: the residual variance of the source network, in standardised units squared, positive.</param>
    /// <exception cref="ArgumentException">A width does not fit the network, there are no observations, or the variance is not positive.</exception>
    public static Prediction Predict(SourceNetwork source, TaskData data, RowMatrix inputs, double noiseVariance)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(noiseVariance);
        TaskPosterior.CheckData(source, data);
        Standardisation units = source.Model.OutputStandardisation;
        double[] shift = MeanResiduals(source.Evaluate(data.Inputs), data.Targets);
        RowMatrix unadapted = source.Evaluate(inputs);
        int c = units.Width;
        var mean = new double[unadapted.Values.Length];
        var latent = new double[mean.Length];
        var noise = new double[mean.Length];
        for (int i = 0; i < mean.Length; i++)
        {
            mean[i] = unadapted.Values[i] + shift[i % c];
            noise[i] = noiseVariance * units.Scale[i % c] * units.Scale[i % c];
            latent[i] = noise[i] / data.Rows;
        }

        return new Prediction(new RowMatrix(inputs.Rows, c, mean), new RowMatrix(inputs.Rows, c, latent), new RowMatrix(inputs.Rows, c, noise), unadapted, null);
    }

    private static double[] MeanResiduals(RowMatrix output, RowMatrix targets)
    {
        var means = new double[targets.Columns];
        for (int i = 0; i < targets.Values.Length; i++)
        {
            means[i % means.Length] += (targets.Values[i] - output.Values[i]) / targets.Rows;
        }

        return means;
    }
}
