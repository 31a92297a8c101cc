using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Data;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Cli.Demo;

/// <summary>The airports: those that the network and the prior are learned from, and the others, which are new to both.</summary>
/// <param name="Sources">The seeded choice.</param>
/// <param name="Targets">All others.</param>
internal sealed record AirportFleet(IReadOnlyList<Airport> Sources, IReadOnlyList<Airport> Targets)
{
    private const int SourceCount = 120;

    /// <exception cref="TableException">The file cannot be used.</exception>
    /// <exception cref="InvalidInputException">It has too few airports.</exception>
    public static async Task<AirportFleet> ReadAsync(string path, int seed, CancellationToken cancellationToken)
    {
        Table table = await TableFile.ReadAsync(path, ["date", "delay", "distance", "origin"], cancellationToken);
        var random = new Random(seed);
        Airport[] airports = ReadAirports(table, random);
        if (!airports.Any(airport => airport.Allows(Airport.Points[^1])) || airports.Length <= SourceCount)
        {
            throw new InvalidInputException(
                "--data", $"'{path}' has {airports.Length} airports, too few or too small ones", "leave --data out to use the flights that come with the program");
        }

        random.Shuffle(airports);
        return new AirportFleet(airports[..SourceCount], airports[SourceCount..]);
    }

    private static Airport[] ReadAirports(Table table, Random random)
    {
        DateTime[] dates = table.Timestamps("date");
        double[] delays = table.Numbers("delay");
        double[] distances = table.Numbers("distance");
        DateTime firstDay = dates.Min();
        int width = AirportFeatures.Schema.Width;
        var airports = new List<Airport>();
        foreach (TaskGroup group in TaskGroup.Group(table.Texts("origin")).OrderBy(group => group.Task, StringComparer.Ordinal))
        {
            int[] rows = [.. group.Rows];
            random.Shuffle(rows);
            double[] inputs = new double[rows.Length * width];
            for (int i = 0; i < rows.Length; i++)
            {
                AirportFeatures.Write(inputs.AsSpan(i * width, width), dates[rows[i]], distances[rows[i]], firstDay);
            }

            double[] targets = Array.ConvertAll(rows, row => AirportFeatures.Clip(delays[row]));
            airports.Add(new Airport(group.Task, new LabelledRows(new Rows(rows.Length, width, inputs), new Rows(rows.Length, 1, targets))));
        }

        return [.. airports];
    }
}
