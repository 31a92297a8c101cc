namespace AdaptCluster.Cli.Demo;

/// <summary>How fast airports were adapted through the client: durable rows and a durable posterior each.</summary>
/// <param name="K">Flights of each airport.</param>
/// <param name="Tasks">How many airports.</param>
/// <param name="Seconds">Wall clock, first call to last acknowledgement.</param>
internal sealed record AirportSpeed(int K, int Tasks, double Seconds)
{
    public double AdaptationsPerSecond => Tasks / Seconds;
}
