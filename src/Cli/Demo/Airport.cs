using AdaptCluster.Client.Data;

namespace AdaptCluster.Cli.Demo;

/// <summary>One airport's departures.</summary>
/// <param name="Code">Its IATA code.</param>
/// <param name="Flights">Its flights in a seeded random order.</param>
internal sealed record Airport(string Code, LabelledRows Flights)
{
    /// <summary>The numbers of flights that are adapted to, ascending.</summary>
    public static readonly IReadOnlyList<int> Points = [5, 20, 50, 200, 1000];

    private const int FewestTests = 200;
    private const int MostTests = 1000;

    /// <summary>Whether there are enough flights to see some and to be tested on others.</summary>
    public bool Allows(int points) => Flights.Count >= points + FewestTests;

    /// <summary>The flights that are adapted to: the fewer are the first of the more.</summary>
    public LabelledRows Seen(int points) => Flights.Slice(0, points);

    /// <summary>The flights that are tested on: the same for all numbers of points, none of them ever adapted to.</summary>
    public LabelledRows Tests()
    {
        int count = Math.Min(MostTests, Flights.Count - Points.Last(Allows));
        return Flights.Slice(Flights.Count - count, count);
    }
}
