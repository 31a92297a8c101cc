using AdaptCluster.Client.Tasks;

namespace AdaptCluster.Grains.Tests.Support;

/// <summary>Comparisons of numbers bit by bit, and of predictions number by number.</summary>
internal static class Same
{
    public static void Bits(IEnumerable<double> expected, IEnumerable<double> actual) =>
        Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), actual.Select(BitConverter.DoubleToInt64Bits));

    public static void Numbers(Prediction expected, Prediction actual)
    {
        Bits(expected.Mean.Values, actual.Mean.Values);
        Bits(expected.LatentVariance.Values, actual.LatentVariance.Values);
        Bits(expected.NoiseVariance, actual.NoiseVariance);
        Bits(expected.SourceMean.Values, actual.SourceMean.Values);
        Bits(expected.SourceNoiseVariance, actual.SourceNoiseVariance);
    }
}
