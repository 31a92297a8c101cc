using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Demo;

/// <summary>A flight as the network reads it: two harmonics of the hour, the day of the week, the distance, the day.</summary>
internal static class AirportFeatures
{
    private const int Days = 7;
    private const int FirstWeekday = 4;
    private const double ShortestDelay = -30;
    private const double LongestDelay = 120;

    /// <summary>The target column, in minutes.</summary>
    public const string Target = "delay";

    public static InputSchema Schema { get; } = new(
    [
        new InputColumn("hour sin 1", []),
        new InputColumn("hour cos 1", []),
        new InputColumn("hour sin 2", []),
        new InputColumn("hour cos 2", []),
        new InputColumn("weekday", [.. Enum.GetNames<DayOfWeek>()]),
        new InputColumn("distance", []),
        new InputColumn("day", []),
    ]);

    /// <summary>Writes one flight.</summary>
    /// <param name="row">Of the schema's width.</param>
    /// <param name="date">When it left, on the airport's clock.</param>
    /// <param name="distance">In miles.</param>
    /// <param name="firstDay">Day 0.</param>
    public static void Write(Span<double> row, DateTime date, double distance, DateTime firstDay)
    {
        row.Clear();
        double angle = 2 * Math.PI * date.TimeOfDay.TotalDays;
        (row[0], row[1]) = Math.SinCos(angle);
        (row[2], row[3]) = Math.SinCos(2 * angle);
        row[FirstWeekday + (int)date.DayOfWeek] = 1;
        row[FirstWeekday + Days] = distance;
        row[FirstWeekday + Days + 1] = (date.Date - firstDay.Date).TotalDays;
    }

    /// <summary>The delay with both tails cut: cancelled clocks and lost days say nothing about an airport.</summary>
    public static double Clip(double delay) => Math.Clamp(delay, ShortestDelay, LongestDelay);
}
