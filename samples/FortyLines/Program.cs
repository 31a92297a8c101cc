using System.Globalization;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;

// dotnet run --project samples/FortyLines -- GATEWAYS SOURCE FILE, where the file has lines of customer,input,...,target and no header.
if (args is not [var gateways, var sourceName, var file])
{
    Console.Error.WriteLine("usage: FortyLines host:port[,host:port] SOURCE FILE");
    return 2;
}

await using ClusterConnection connection = await ClusterConnection.ConnectAsync(new ClusterConnectionOptions { Gateways = GatewayList.Parse(gateways) });
SourceHandle source = new AdaptClient(connection.Grains).Source(sourceName);
IEnumerable<TaskRows> customers = File.ReadLines(file).Select(line => line.Split(',')).GroupBy(cells => cells[0]).Select(group =>
{
    double[][] rows = [.. group.Select(cells => cells[1..].Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray())];
    int inputs = rows[0].Length - 1;
    return new TaskRows(group.Key, new LabelledRows(
        new Rows(rows.Length, inputs, [.. rows.SelectMany(row => row[..inputs])]), new Rows(rows.Length, 1, [.. rows.Select(row => row[inputs])])));
});

// Each is durable when it is told: rows and posterior. A customer that fails does not stop the others, and running this again adds nothing.
await foreach (TaskOutcome outcome in source.AdaptManyAsync(customers))
{
    if (outcome.Error is { } error)
    {
        Console.WriteLine($"{outcome.Task}: {error.Message}");
        continue;
    }

    int width = (await source.DescribeAsync()).Network.Inputs;
    Prediction prediction = await source.Task(outcome.Task).PredictAsync(new Rows(1, width, new double[width]));
    double deviation = Math.Sqrt(prediction.LatentVariance.Values[0] + prediction.NoiseVariance[0]);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{outcome.Task}: {prediction.Mean.Values[0]:0.00} +- {deviation:0.00} at the origin"));
}

return 0;
