using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Client.Data;

/// <summary>Sends a data set in parts that fit a message, a few in flight at a time. A part may span tasks.</summary>
internal static class StagedUpload
{
    private const int PartBytes = 1 << 20;
    private const int PartsInFlight = 4;

    public static async Task<StagedDataset> SendAsync(
        IGrainFactory grains, IReadOnlyList<LabelledRows> tasks, CancellationToken cancellationToken)
    {
        Rows inputs = Concatenate(tasks.Select(task => task.Inputs).ToArray());
        Rows targets = Concatenate(tasks.Select(task => task.Targets).ToArray());
        int rowsPerPart = Math.Max(1, PartBytes / (Math.Max(inputs.Width, targets.Width) * sizeof(double)));
        var chunks = new StagedChunk[(inputs.Count + rowsPerPart - 1) / rowsPerPart];
        var upload = Guid.NewGuid();
        IStagingGrain staging = grains.GetGrain<IStagingGrain>(0);
        await Parallel.ForAsync(
            0,
            chunks.Length,
            new ParallelOptions { MaxDegreeOfParallelism = PartsInFlight, CancellationToken = cancellationToken },
            async (index, token) =>
            {
                int start = index * rowsPerPart;
                int count = Math.Min(rowsPerPart, inputs.Count - start);
                chunks[index] = new StagedChunk(
                    await staging.StageAsync(upload, Payloads.Of(inputs, start, count), token),
                    await staging.StageAsync(upload, Payloads.Of(targets, start, count), token),
                    count);
            });
        return new StagedDataset(upload, ImmutableArray.Create(chunks), [.. tasks.Select(task => task.Count)]);
    }

    /// <summary>Sends inputs that have no targets.</summary>
    public static async Task<StagedInputs> SendInputsAsync(IGrainFactory grains, Rows inputs, CancellationToken cancellationToken)
    {
        int rowsPerPart = Math.Max(1, PartBytes / (inputs.Width * sizeof(double)));
        var parts = new string[(inputs.Count + rowsPerPart - 1) / rowsPerPart];
        var upload = Guid.NewGuid();
        IStagingGrain staging = grains.GetGrain<IStagingGrain>(0);
        await Parallel.ForAsync(
            0,
            parts.Length,
            new ParallelOptions { MaxDegreeOfParallelism = PartsInFlight, CancellationToken = cancellationToken },
            async (index, token) =>
            {
                int start = index * rowsPerPart;
                parts[index] = await staging.StageAsync(upload, Payloads.Of(inputs, start, Math.Min(rowsPerPart, inputs.Count - start)), token);
            });
        return new StagedInputs(upload, ImmutableArray.Create(parts), inputs.Count);
    }

    private static Rows Concatenate(Rows[] parts) =>
        parts.Length == 1
            ? parts[0]
            : new Rows(parts.Sum(part => part.Count), parts[0].Width, Join(parts));

    private static double[] Join(Rows[] parts)
    {
        double[] values = new double[parts.Sum(part => part.Values.Length)];
        int offset = 0;
        foreach (Rows part in parts)
        {
            part.Values.CopyTo(values, offset);
            offset += part.Values.Length;
        }

        return values;
    }
}
