using System.Collections.Immutable;

namespace AdaptCluster.Import.Onnx.Values;

/// <summary>
/// The shape of an ONNX value, with at most one axis that the rows are in. Row-major, the rows are outside of everything after them and
/// inside of everything before; taking one row leaves the rest in order, which is the shape of the value for one row.
/// </summary>
internal sealed class SymbolicShape
{
    internal SymbolicShape(ImmutableArray<Axis> axes)
    {
        Axes = axes;
        RowsAxis = -1;
        long count = 1;
        ImmutableArray<int>.Builder row = ImmutableArray.CreateBuilder<int>(axes.Length);
        for (int i = 0; i < axes.Length; i++)
        {
            if (axes[i].HasRows)
            {
                RowsAxis = i;
                Before = (int)count * axes[i].Left;
            }

            if (!axes[i].IsRows)
            {
                row.Add(axes[i].Length);
            }

            count = Math.Min(int.MaxValue, count * axes[i].Length);
        }

        Row = row.ToImmutable();
        Count = count;
    }

    internal ImmutableArray<Axis> Axes { get; }

    internal int Rank => Axes.Length;

    /// <summary>Which axis the rows are in; -1 for a value that is the same for all rows.</summary>
    internal int RowsAxis { get; }

    internal bool HasRows => RowsAxis >= 0;

    /// <summary>The product of all lengths outside of the rows.</summary>
    internal int Before { get; }

    /// <summary>The shape for one row: the axis of rows is dropped, or keeps what is in it beside the rows.</summary>
    internal ImmutableArray<int> Row { get; }

    /// <summary>The numbers for one row; at most int.MaxValue.</summary>
    internal long Count { get; }

    /// <summary>The shape for one row with every axis, that of the rows too.</summary>
    internal ImmutableArray<int> Full => [.. Axes.Select(a => a.Length)];

    internal static SymbolicShape Fixed(IEnumerable<int> lengths) => new([.. lengths.Select(Axis.Of)]);

    /// <summary>A value whose first axis is that of the rows.</summary>
    internal static SymbolicShape OfRows(IEnumerable<int> row) => new([Axis.Rows, .. row.Select(Axis.Of)]);

    /// <summary>The axis of the value for one row that an axis is; the axis must not be that of the rows alone.</summary>
    internal int RowAxis(int axis) => RowsAxis >= 0 && RowsAxis < axis && Axes[RowsAxis].IsRows ? axis - 1 : axis;

    internal SymbolicShape With(int axis, Axis value) => new(Axes.SetItem(axis, value));

    internal SymbolicShape Without(int axis) => new(Axes.RemoveAt(axis));

    internal bool SameAs(SymbolicShape other) => Axes.AsSpan().SequenceEqual(other.Axes.AsSpan());

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", Axes)}]";
}
