using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Import.Onnx.Values;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>
/// Which shape a reshape gives. Row-major, the rows lie inside of a number of others; a reshape keeps the order of everything, so the new
/// axis of rows is where the same number lies outside. Then the values of one row are reshaped among themselves.
/// </summary>
internal static class ReshapeRule
{
    private const double Longest = 1 << 28;

    internal static SymbolicShape Resolve(NodeConversion call, SymbolicShape from, ImmutableArray<Number> target)
    {
        bool copies = call.Node.Integer("allowzero", 0) == 0;
        var lengths = new List<Number>();
        int unknown = -1;
        for (int i = 0; i < target.Length; i++)
        {
            Number length = target[i] is { Value: 0, TimesRows: false } && copies && i < from.Rank ? from.Axes[i].Number : target[i];
            if (length is { Value: -1, TimesRows: false } && unknown < 0)
            {
                unknown = i;
            }
            else if (length.Value is < 1 or > Longest || length.Value % 1 != 0)
            {
                throw call.Refuse($"it reshapes {from} to [{string.Join(", ", target)}], which cannot be", ModelErrors.ExportAgain);
            }

            lengths.Add(length);
        }

        return Resolve(call, from, lengths, unknown);
    }

    private static SymbolicShape Resolve(NodeConversion call, SymbolicShape from, List<Number> lengths, int unknown)
    {
        double known = lengths.Where((_, i) => i != unknown).Aggregate(1.0, (p, l) => p * l.Value);
        int rows = lengths.FindIndex(l => l.TimesRows);
        if (unknown >= 0)
        {
            // Where the file was made with one row, a length of 1 may be the axis of rows: that is decided when all are known.
            bool isRows = from.HasRows && rows < 0 && !call.Graph.RowsAreFixed;
            lengths[unknown] = new Number(Math.Truncate(from.Count / known), isRows);
            known *= lengths[unknown].Value;
            rows = isRows ? unknown : rows;
        }

        if (known != from.Count || lengths.Count(l => l.TimesRows) > 1 || (rows >= 0 && !from.HasRows))
        {
            throw Misfit(call, from, lengths);
        }

        int[] sizes = [.. lengths.Select(l => (int)l.Value)];
        if (!from.HasRows)
        {
            return SymbolicShape.Fixed(sizes);
        }

        if (rows < 0)
        {
            rows = call.Graph.RowsAreFixed ? FindRows(sizes, from.Before) : -1;
        }

        return rows < 0 ? throw Misfit(call, from, lengths) : Place(call, from, sizes, rows);
    }

    private static SymbolicShape Place(NodeConversion call, SymbolicShape from, int[] sizes, int rows)
    {
        long before = sizes.Take(rows).Aggregate(1L, (p, l) => p * l);
        long left = from.Before / before;
        if (from.Before % before != 0 || left == 0 || sizes[rows] % left != 0)
        {
            throw call.Refuse(
                $"it reshapes {from} so that the rows, N, would lie elsewhere among the numbers: rows must not mix",
                "move the axis of rows by a transpose before the reshape");
        }

        return new SymbolicShape([.. sizes.Select((l, i) => i == rows ? new Axis((int)left, (int)(l / left), true) : Axis.Of(l))]);
    }

    // A length of 1 where the rows must be; else the axis that begins there; else the axis around it.
    private static int FindRows(int[] sizes, long before)
    {
        long product = 1;
        int begins = -1;
        int around = -1;
        for (int i = 0; i < sizes.Length; i++)
        {
            if (product == before && sizes[i] == 1)
            {
                return i;
            }

            begins = begins < 0 && product == before ? i : begins;
            product *= sizes[i];
            around = around < 0 && product >= before ? i : around;
        }

        return begins >= 0 ? begins : around;
    }

    private static Formats.ModelFileException Misfit(NodeConversion call, SymbolicShape from, List<Number> lengths) => call.Refuse(
        $"it reshapes {from} to [{string.Join(", ", lengths)}], which does not keep the number of rows, N, apart from everything else",
        "give the size of one axis as -1, and take the number of rows from x.shape[0]; export with a dynamic batch axis");
}
