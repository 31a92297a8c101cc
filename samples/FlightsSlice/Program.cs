// Makes samples/data/flights.parquet: a seeded random sample of at most 3,000 flights per origin, in date order.
// dotnet run --project samples/FlightsSlice -c Release -- FLIGHTS.parquet samples/data/flights.parquet
using AdaptCluster.FlightsSlice;

const int MostPerOrigin = 3000;
const ulong Seed = 20010101;

if (args is not [string input, string output])
{
    Console.Error.WriteLine("usage: FlightsSlice FLIGHTS.parquet OUT.parquet");
    return 2;
}

Flights all = await Flights.ReadAsync(input);
var sampled = new List<int>();
var byOrigin = Enumerable.Range(0, all.Origins.Count).GroupBy(row => all.Origins[row], StringComparer.Ordinal);
var random = new SplitMix64(Seed);
int origins = 0;
foreach (IGrouping<string, int> origin in byOrigin.OrderBy(group => group.Key, StringComparer.Ordinal))
{
    origins++;
    sampled.AddRange(random.Sample([.. origin], MostPerOrigin));
}

// The rows of the input are in date order, so row order is date order.
sampled.Sort();
await all.Take(sampled).WriteAsync(output);
Console.WriteLine($"{sampled.Count} of {all.Origins.Count} flights from {origins} origins, {new FileInfo(output).Length} bytes");
return 0;
