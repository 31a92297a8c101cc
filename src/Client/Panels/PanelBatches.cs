using System.Collections.Immutable;
using System.Runtime.InteropServices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Panels;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Client.Panels;

/// <summary>Cuts targets into batches of a few megabytes, each with the id that makes a retry harmless; NaN becomes a mark.</summary>
internal static class PanelBatches
{
    private const int BatchBytes = 2 << 20;

    /// <param name="targets">The targets; consumed as the batches are.</param>
    /// <param name="batchId">What the batches' ids begin with.</param>
    /// <exception cref="InvalidInputException">A target has other rows than the first, is there twice, or observed a part of a row.</exception>
    public static IEnumerable<PanelBatch> Cut(IEnumerable<PanelTargetRows> targets, string batchId)
    {
        PanelTargetRows? first = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var batch = new List<PanelTargetRows>();
        int number = 0;
        foreach (PanelTargetRows target in targets)
        {
            first ??= target;
            if (target.Values.Count != first.Values.Count || target.Values.Width != first.Values.Width)
            {
                throw new InvalidInputException(
                    $"target '{target.Target}'",
                    $"it has {target.Values.Count} rows of {target.Values.Width}, those before have {first.Values.Count} of {first.Values.Width}",
                    "give a row for every input of the panel, NaN where it was not observed");
            }

            if (!seen.Add(target.Target))
            {
                throw new InvalidInputException($"target '{target.Target}'", "it is there twice", "give it once");
            }

            batch.Add(target);
            if ((long)(batch.Count + 1) * first.Values.Count * ((first.Values.Width * sizeof(double)) + 1) > BatchBytes)
            {
                yield return Of(batch, batchId, number++);
                batch.Clear();
            }
        }

        if (batch.Count > 0)
        {
            yield return Of(batch, batchId, number);
        }
    }

    private static PanelBatch Of(List<PanelTargetRows> targets, string batchId, int number)
    {
        int rows = targets[0].Values.Count;
        int outputs = targets[0].Values.Width;
        var values = new double[(long)rows * targets.Count * outputs];
        var observed = new byte[rows * targets.Count];
        for (int t = 0; t < targets.Count; t++)
        {
            for (int i = 0; i < rows; i++)
            {
                ReadOnlySpan<double> row = targets[t].Values[i];
                if (IsObserved(row, targets[t].Target, i))
                {
                    observed[(i * targets.Count) + t] = 1;
                    row.CopyTo(values.AsSpan(((i * targets.Count) + t) * outputs));
                }
            }
        }

        ImmutableArray<string> names = [.. targets.Select(target => target.Target)];
        double[] noise = [.. targets.Select(target => target.NoiseScale)];
        double[] prior = [.. targets.Select(target => target.PriorScale)];
        return new PanelBatch(
            $"{batchId}/{number}",
            names,
            TensorPayload.FromMatrix(values, rows, targets.Count * outputs),
            new TensorPayload(TensorElementType.UInt8, [rows, targets.Count], observed),
            Vector(noise),
            Vector(prior));
    }

    private static bool IsObserved(ReadOnlySpan<double> row, string target, int index)
    {
        int missing = 0;
        foreach (double value in row)
        {
            missing += double.IsNaN(value) ? 1 : 0;
            if (double.IsInfinity(value))
            {
                throw new InvalidInputException($"target '{target}'", $"row {index} (from 0) is {value}", "give finite numbers, or NaN where it was not observed");
            }
        }

        return missing == 0 || (missing == row.Length
            ? false
            : throw new InvalidInputException($"target '{target}'", $"row {index} (from 0) has {missing} of {row.Length} outputs missing", "give all outputs of a row or none"));
    }

    private static TensorPayload? Vector(double[] factors) => Array.TrueForAll(factors, factor => factor == 1)
        ? null
        : new TensorPayload(TensorElementType.Float64, [factors.Length], MemoryMarshal.AsBytes(factors.AsSpan()).ToArray());
}
