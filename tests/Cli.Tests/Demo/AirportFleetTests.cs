using AdaptCluster.Cli.Demo;
using AdaptCluster.Client.Data;

namespace AdaptCluster.Cli.Tests.Demo;

public sealed class AirportFleetTests
{
    [Fact]
    public async Task ReadAsync_ShippedFlights_GivesDisjointSourcesAndTargetsBySeed()
    {
        AirportFleet first = await AirportFleet.ReadAsync(Samples.Flights, 3, TestContext.Current.CancellationToken);
        AirportFleet again = await AirportFleet.ReadAsync(Samples.Flights, 3, TestContext.Current.CancellationToken);

        Assert.Equal(120, first.Sources.Count);
        Assert.Equal(229, first.Sources.Concat(first.Targets).Select(airport => airport.Code).Distinct().Count());
        Assert.Equal(first.Targets.Select(airport => airport.Code), again.Targets.Select(airport => airport.Code));
        Assert.Equal(first.Targets[0].Flights.Inputs.Values, again.Targets[0].Flights.Inputs.Values);
    }

    [Theory]
    [InlineData(205)]
    [InlineData(899)]
    [InlineData(1200)]
    [InlineData(3000)]
    public void Tests_AnySize_AreNeverSeenAndTheSameForAllPoints(int flights)
    {
        Airport airport = Numbered(flights);
        HashSet<double> tests = [.. airport.Tests().Targets.Values];
        Assert.InRange(tests.Count, 200, 1000);
        int[] allowed = [.. Airport.Points.Where(airport.Allows)];
        Assert.NotEmpty(allowed);
        foreach (int k in allowed)
        {
            double[] seen = airport.Seen(k).Targets.Values;
            Assert.Equal(k, seen.Length);
            Assert.DoesNotContain(seen, tests.Contains);
            Assert.Equal(airport.Seen(5).Targets.Values, seen[..5]);
        }
    }

    [Fact]
    public void Allows_FewerThan200ToTestOn_IsFalse() => Assert.False(Numbered(204).Allows(5));

    private static Airport Numbered(int flights) => new("XYZ", new LabelledRows(
        new Rows(flights, 1, new double[flights]),
        new Rows(flights, 1, [.. Enumerable.Range(0, flights).Select(i => (double)i)])));
}
