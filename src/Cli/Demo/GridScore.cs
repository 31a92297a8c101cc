using AdaptCluster.Client.Tasks;

namespace AdaptCluster.Cli.Demo;

/// <summary>One task's posterior against the true function on a grid.</summary>
internal sealed record GridScore(double Within2sd, double Mse, double SourceMse, double MeanSd)
{
    public static GridScore Of(SinusoidTask truth, double[] grid, Prediction prediction)
    {
        double within = 0, squares = 0, sourceSquares = 0, deviations = 0;
        for (int i = 0; i < grid.Length; i++)
        {
            double value = truth.At(grid[i]);
            double error = prediction.Mean[i][0] - value;
            double sourceError = prediction.SourceMean[i][0] - value;
            double deviation = Math.Sqrt(prediction.LatentVariance[i][0]);
            within += Math.Abs(error) <= 2 * deviation ? 1 : 0;
            squares += error * error;
            sourceSquares += sourceError * sourceError;
            deviations += deviation;
        }

        return new GridScore(within / grid.Length, squares / grid.Length, sourceSquares / grid.Length, deviations / grid.Length);
    }

    /// <summary>Equidistant numbers, both ends included.</summary>
    public static double[] Grid(double low, double high, int count) =>
        [.. Enumerable.Range(0, count).Select(i => low + ((high - low) * i / (count - 1)))];
}
