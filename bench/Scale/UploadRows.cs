using System.Runtime.CompilerServices;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Cli.Demo;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Data;

namespace AdaptCluster.Bench.Scale;

/// <summary>The rows of an upload, part by part: the flights of a file, or generated ones of the same shape (13 inputs, one target).</summary>
internal static class UploadRows
{
    private const int Part = 5_000;

    /// <param name="path">The file; null for generated rows.</param>
    /// <param name="count">How many; of a file at most what it has.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static IAsyncEnumerable<LabelledRows> ReadAsync(string? path, int count, CancellationToken cancellationToken) =>
        path is null ? GenerateAsync(count) : ReadFileAsync(path, count, cancellationToken);

    private static async IAsyncEnumerable<LabelledRows> ReadFileAsync(string path, int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Table table = await TableFile.ReadAsync(path, ["date", "delay", "distance"], cancellationToken);
        DateTime[] dates = table.Timestamps("date");
        double[] distances = table.Numbers("distance"), delays = table.Numbers("delay");
        DateTime first = dates.Min();
        int width = AirportFeatures.Schema.Width, rows = Math.Min(count, dates.Length);
        for (int start = 0; start < rows; start += Part)
        {
            int size = Math.Min(Part, rows - start);
            double[] inputs = new double[size * width];
            for (int i = 0; i < size; i++)
            {
                AirportFeatures.Write(inputs.AsSpan(i * width, width), dates[start + i], distances[start + i], first);
            }

            double[] targets = Array.ConvertAll(delays[start..(start + size)], AirportFeatures.Clip);
            yield return new LabelledRows(new Rows(size, width, inputs), new Rows(size, 1, targets));
        }
    }

    private static async IAsyncEnumerable<LabelledRows> GenerateAsync(int count)
    {
        for (int start = 0; start < count; start += Part)
        {
            yield return await Task.FromResult(GeneratedSource.Rows(Math.Min(Part, count - start), seed: start));
        }
    }
}
