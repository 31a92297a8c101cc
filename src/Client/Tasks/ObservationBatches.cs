using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AdaptCluster.Client.Data;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Client.Tasks;

/// <summary>Cuts rows into batches of about a megabyte, each with the id that makes a retry harmless.</summary>
internal static class ObservationBatches
{
    private const int ElementsPerBatch = (1 << 20) / sizeof(double);

    public static IReadOnlyList<ObservationBatch> Cut(LabelledRows rows, string? batchId)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0)
        {
            throw new InvalidInputException("rows", "there are none", "give at least one row");
        }

        int most = Math.Max(1, ElementsPerBatch / (rows.Inputs.Width + rows.Targets.Width));
        var batches = new List<ObservationBatch>();
        for (int start = 0; start < rows.Count; start += most)
        {
            LabelledRows part = rows.Slice(start, Math.Min(most, rows.Count - start));
            string id = batchId is null ? ContentId(part, start) : $"{batchId}/{start}";
            batches.Add(new ObservationBatch(id, Payloads.Of(part.Inputs), Payloads.Of(part.Targets)));
        }

        return batches;
    }

    // The offset is part of the id: equal parts of one call are different observations.
    private static string ContentId(LabelledRows rows, int start)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(start));
        hash.AppendData(MemoryMarshal.AsBytes(rows.Inputs.Values.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(rows.Targets.Values.AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
