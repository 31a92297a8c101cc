namespace AdaptCluster.Cli.Demo;

/// <summary>
/// What a person would do first: the source's prediction plus the mean residual of the task's own rows. The closed form of
/// <c>Numerics.Adaptation.MeanShift</c>, from the source's predictions that the cluster gives.
/// </summary>
/// <param name="Shift">The mean residual.</param>
/// <param name="Variance">Of an observation: the source's residual variance s^2 and the shift's own s^2 / n.</param>
internal sealed record MeanShiftBaseline(double Shift, double Variance)
{
    /// <param name="observed">The task's targets.</param>
    /// <param name="source">The source's predictions of them.</param>
    /// <param name="sourceVariance">The source's residual variance, s^2.</param>
    public static MeanShiftBaseline Fit(ReadOnlySpan<double> observed, ReadOnlySpan<double> source, double sourceVariance)
    {
        double sum = 0;
        for (int i = 0; i < observed.Length; i++)
        {
            sum += observed[i] - source[i];
        }

        return new MeanShiftBaseline(sum / observed.Length, sourceVariance * (1 + (1.0 / observed.Length)));
    }
}
