using System.Globalization;
using AdaptCluster.Client.Data;

namespace AdaptCluster.Processes.Tests.Support;

/// <summary>
/// Orders of bakeries, generated: a text column with commas, quotes and line breaks, grams and hours, and a price in
/// euros far from zero. What a price depends on is shared, but every shop has a level and a slope of its own.
/// </summary>
internal static class Bakeries
{
    public const string Task = "shop";
    public const string Target = "price_eur";
    public const string Header = "shop,flour,weight_g,hour,price_eur";

    public static readonly string[] Flours = ["rye, \"dark\"", "spelt,\nwhole grain", "wheat"];

    /// <summary>Orders of several shops, in turn, so that the rows of a shop are scattered over the file.</summary>
    public static List<Order> Orders(int seed, int shops, int each, string prefix)
    {
        var random = new Random(seed);
        (double Level, double Slope)[] characters =
            [.. Enumerable.Range(0, shops).Select(_ => (random.NextDouble() * 2 - 1, random.NextDouble() - 0.5))];
        var orders = new List<Order>();
        for (int i = 0; i < each; i++)
        {
            for (int shop = 0; shop < shops; shop++)
            {
                double weight = Math.Round(400 + (2000 * random.NextDouble()), 1);
                double hour = Math.Round(5 + (14 * random.NextDouble()), 2);
                int flour = random.Next(Flours.Length);
                double wave = Math.Sin((weight - 400) / 600) + (0.4 * flour);
                double own = characters[shop].Level + (characters[shop].Slope * (hour - 12) / 7);
                double noise = Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6;
                double price = Math.Round(1200 + (300 * (wave + own)) + (15 * noise), 2);
                orders.Add(new Order($"{prefix}{shop}", Flours[flour], weight, hour, price));
            }
        }

        return orders;
    }

    public static string Csv(IEnumerable<Order> orders) => CsvText.Write([Header.Split(','), .. orders.Select(order => order.Cells)]);

    /// <summary>The rows of the two numeric inputs, as a source that uses only them encodes them.</summary>
    public static LabelledRows Numeric(IReadOnlyCollection<Order> orders) => new(
        new Rows(orders.Count, 2, [.. orders.SelectMany(order => (double[])[order.Weight, order.Hour])]),
        new Rows(orders.Count, 1, [.. orders.Select(order => order.Price)]));

    internal sealed record Order(string Shop, string Flour, double Weight, double Hour, double Price)
    {
        public string[] Cells => [Shop, Flour, Text(Weight), Text(Hour), Text(Price)];

        private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
    }
}
