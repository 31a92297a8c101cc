using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>Collects standardised predictions, [m, c] each, and turns them into the data's units.</summary>
internal sealed class PredictionBuffers(int rows, Standardisation units)
{
    internal double[] Mean { get; } = new double[rows * units.Width];

    internal double[] Variance { get; } = new double[rows * units.Width];

    internal double[] Source { get; } = new double[rows * units.Width];

    internal double[]? Covariance { get; set; }

    /// <summary>The prediction under a prior whose noise variances are multiplied.</summary>
    internal Prediction ToPrediction(Prior prior, double noiseFactor = 1)
    {
        int c = units.Width;
        var latent = new double[rows * c];
        var noise = new double[rows * c];
        for (int i = 0; i < latent.Length; i++)
        {
            double square = units.Scale[i % c] * units.Scale[i % c];
            latent[i] = Variance[i] * square;
            noise[i] = prior.NoiseOf(i % c) * noiseFactor * square;
        }

        return new Prediction(
            units.Invert(new RowMatrix(rows, c, Mean)),
            new RowMatrix(rows, c, latent),
            new RowMatrix(rows, c, noise),
            units.Invert(new RowMatrix(rows, c, Source)),
            Joint());
    }

    private RowMatrix? Joint()
    {
        if (Covariance is null)
        {
            return null;
        }

        int c = units.Width;
        int n = rows * c;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                Covariance[(i * n) + j] *= units.Scale[i % c] * units.Scale[j % c];
            }
        }

        return new RowMatrix(n, n, Covariance);
    }
}
