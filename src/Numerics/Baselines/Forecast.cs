using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Posteriors;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>A normal prediction of observations, in the data's own units: what every method can be scored by.</summary>
/// <param name="Mean">[m, c].</param>
/// <param name="Variance">Of an observation, the noise included, [m, c], positive.</param>
public sealed record Forecast(RowMatrix Mean, RowMatrix Variance)
{
    internal static Forecast Of(Prediction prediction)
    {
        double[] variance = [.. prediction.LatentVariance.Values.Zip(prediction.NoiseVariance.Values, (latent, noise) => latent + noise)];
        return new Forecast(prediction.Mean, new RowMatrix(prediction.Mean.Rows, prediction.Mean.Columns, variance));
    }

    /// <summary>The same from standardised numbers, index i c + o.</summary>
    internal static Forecast Of(Standardisation units, double[] mean, double[] variance)
    {
        int c = units.Width;
        double[] scaled = [.. variance.Select((v, i) => v * units.Scale[i % c] * units.Scale[i % c])];
        return new Forecast(units.Invert(new RowMatrix(mean.Length / c, c, mean)), new RowMatrix(mean.Length / c, c, scaled));
    }
}
