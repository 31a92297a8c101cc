namespace AdaptCluster.Cli.Demo;

/// <summary>One function of the family: y = amplitude sin(frequency x + phase).</summary>
internal sealed record SinusoidTask(double Amplitude, double Frequency, double Phase)
{
    /// <summary>The function without noise.</summary>
    public double At(double x) => Amplitude * Math.Sin((Frequency * x) + Phase);

    /// <summary>The formula, for a title.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"y = {Amplitude:0.0} sin({Frequency:0.0} x + {Phase:0.0})");
}
