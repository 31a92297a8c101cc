using AdaptCluster.Cli.Demo;

namespace AdaptCluster.Cli.Tests.Demo;

public sealed class AirportFeaturesTests
{
    private static readonly DateTime s_firstDay = new(2001, 1, 1, 5, 30, 0, DateTimeKind.Unspecified);

    [Fact]
    public void Write_SixInTheMorningOfTheThirdDay_GivesTheEncodingByHand()
    {
        double[] row = new double[AirportFeatures.Schema.Width];
        AirportFeatures.Write(row, new DateTime(2001, 1, 3, 6, 0, 0, DateTimeKind.Unspecified), 750, s_firstDay);

        // A quarter of the day: angle pi/2, twice that pi. 2001-01-03 was a Wednesday.
        double[] expected = [1, 0, 0, -1, 0, 0, 0, 1, 0, 0, 0, 750, 2];
        Assert.Equal(expected.Length, row.Length);
        for (int i = 0; i < row.Length; i++)
        {
            Assert.Equal(expected[i], row[i], 12);
        }
    }

    [Fact]
    public void Write_IntoAUsedRow_LeavesNothingOfTheOldOne()
    {
        double[] fresh = new double[AirportFeatures.Schema.Width];
        double[] used = [.. Enumerable.Repeat(9.0, fresh.Length)];
        DateTime date = new(2001, 6, 30, 23, 59, 0, DateTimeKind.Unspecified);
        AirportFeatures.Write(fresh, date, 100, s_firstDay);
        AirportFeatures.Write(used, date, 100, s_firstDay);
        Assert.Equal(fresh, used);
    }

    [Fact]
    public void Schema_Weekday_IsOneHotInTheOrderThatIsWritten()
    {
        for (int day = 0; day < 7; day++)
        {
            double[] row = new double[AirportFeatures.Schema.Width];
            DateTime date = s_firstDay.AddDays(day);
            AirportFeatures.Write(row, date, 1, s_firstDay);
            int position = Array.IndexOf(row, 1.0, 4, 7) - 4;
            Assert.Equal(date.DayOfWeek.ToString(), AirportFeatures.Schema.Columns[4].Categories[position]);
        }
    }

    [Theory]
    [InlineData(-1116, -30)]
    [InlineData(-30, -30)]
    [InlineData(7, 7)]
    [InlineData(1688, 120)]
    public void Clip_Delay_IsBetweenMinus30And120(double delay, double expected) => Assert.Equal(expected, AirportFeatures.Clip(delay));
}
