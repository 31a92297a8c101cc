using AdaptCluster.Client.Data;
using AdaptCluster.Client.Tasks;

namespace AdaptCluster.Processes.Tests.Support;

/// <summary>Predictions of one posterior that were computed at different times.</summary>
internal static class Same
{
    /// <summary>
    /// Of the largest number. What a task predicts may have been computed together with other tasks, and whatever that was is a product of another shape: its sums have
    /// another order, 1e-16 of the covariance's condition, which stays below 1e4 here. Another version, other rows or a lost one differ by more than 1e-4.
    /// </summary>
    private const double Rounding = 1e-10;

    public static void Numbers(Prediction expected, Prediction actual)
    {
        Numbers(expected.Mean, actual.Mean);
        Numbers(expected.LatentVariance, actual.LatentVariance);
    }

    private static void Numbers(Rows expected, Rows actual)
    {
        Assert.Equal(expected.Values.Length, actual.Values.Length);
        double tolerance = Rounding * expected.Values.Max(Math.Abs);
        for (int i = 0; i < expected.Values.Length; i++)
        {
            Assert.Equal(expected.Values[i], actual.Values[i], tolerance);
        }
    }
}
