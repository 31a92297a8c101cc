namespace AdaptCluster.Cli.Demo;

/// <summary>What the demo is asked for.</summary>
/// <param name="Folder">Where it writes.</param>
/// <param name="Flights">The flights: a file with the columns date, delay, distance and origin.</param>
/// <param name="Seed">Seeds everything random.</param>
internal sealed record DemoOptions(string Folder, string Flights, int Seed)
{
    /// <summary>The flights that come with the program.</summary>
    public static string ShippedFlights => Path.Combine(AppContext.BaseDirectory, "samples", "flights.parquet");
}
