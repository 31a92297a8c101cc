using System.Collections;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AdaptCluster.Client.Data;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Client.Tasks;

/// <summary>
/// Rows cut into batches of about a megabyte, each with the id that makes a retry harmless. A batch is made, with copies of its rows,
/// whenever it is asked for, so that those of many rows are never there all at once.
/// </summary>
internal sealed class ObservationBatches : IReadOnlyList<ObservationBatch>
{
    private const int ElementsPerBatch = (1 << 20) / sizeof(double);

    private readonly LabelledRows _rows;
    private readonly string? _batchId;
    private readonly int _most;

    private ObservationBatches(LabelledRows rows, string? batchId)
    {
        _rows = rows;
        _batchId = batchId;
        _most = RowsPerBatch(rows.Inputs.Width + rows.Targets.Width);
    }

    /// <inheritdoc/>
    public int Count => (_rows.Count + _most - 1) / _most;

    /// <inheritdoc/>
    public ObservationBatch this[int index]
    {
        get
        {
            int start = index * _most;
            LabelledRows part = _rows.Slice(start, Math.Min(_most, _rows.Count - start));
            string id = _batchId is null ? ContentId(part, start) : Id(_batchId, start);
            return new ObservationBatch(id, Payloads.Of(part.Inputs), Payloads.Of(part.Targets));
        }
    }

    /// <summary>Cuts rows.</summary>
    /// <param name="rows">The rows, at least one.</param>
    /// <param name="batchId">Names them; null: their content does.</param>
    /// <exception cref="InvalidInputException">There are none.</exception>
    public static IReadOnlyList<ObservationBatch> Cut(LabelledRows rows, string? batchId)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return rows.Count > 0
            ? new ObservationBatches(rows, batchId)
            : throw new InvalidInputException("rows", "there are none", "give at least one row");
    }

    /// <summary>How many rows a batch has.</summary>
    /// <param name="width">Of inputs and targets together.</param>
    public static int RowsPerBatch(int width) => Math.Max(1, ElementsPerBatch / width);

    /// <summary>The id of the batch that begins at a row of what a name is for.</summary>
    public static string Id(string name, int start) => $"{name}/{start}";

    /// <inheritdoc/>
    public IEnumerator<ObservationBatch> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

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
