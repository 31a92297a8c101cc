namespace AdaptCluster.Numerics.Solvers;

/// <summary>The mean of independent draws and its standard error.</summary>
internal static class SampleMean
{
    /// <summary>The mean, and the sample deviation over the root of the number of draws: NaN for one draw.</summary>
    internal static (double Value, double StandardError) Of(ReadOnlySpan<double> draws)
    {
        double sum = 0;
        foreach (double draw in draws)
        {
            sum += draw;
        }

        double mean = sum / draws.Length;
        double squares = 0;
        foreach (double draw in draws)
        {
            squares += (draw - mean) * (draw - mean);
        }

        return (mean, draws.Length < 2 ? double.NaN : Math.Sqrt(squares / (draws.Length - 1) / draws.Length));
    }
}
