using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Values;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>Broadcasting of values with rows: aligned at the last axis in ONNX, and so that they are for one row too.</summary>
internal static class Broadcasting
{
    /// <summary>The shape that both broadcast to.</summary>
    internal static SymbolicShape Shape(NodeConversion call, SymbolicShape left, SymbolicShape right)
    {
        int rank = Math.Max(left.Rank, right.Rank);
        var axes = new Axis[rank];
        for (int i = 1; i <= rank; i++)
        {
            Axis l = i <= left.Rank ? left.Axes[^i] : Axis.Of(1);
            Axis r = i <= right.Rank ? right.Axes[^i] : Axis.Of(1);
            axes[^i] = l == r || r == Axis.Of(1) ? l : l == Axis.Of(1) ? r : throw Misfit(call, left, right);
        }

        return axes.Count(a => a.HasRows) <= 1 ? new SymbolicShape([.. axes]) : throw Misfit(call, left, right);
    }

    /// <summary>
    /// A value without the axis of length 1 that stands against the axis of rows, which is not there for one row. Its shape for one row
    /// then broadcasts to that of <paramref name="shape"/>.
    /// </summary>
    internal static RowValue Fit(NodeConversion call, RowValue value, SymbolicShape shape)
    {
        int axis = shape.RowsAxis - (shape.Rank - value.Shape.Rank);
        return shape.HasRows && shape.Axes[shape.RowsAxis].IsRows && !value.Shape.HasRows && axis >= 0
            ? call.Reshape(value, value.Shape.Without(axis))
            : value;
    }

    private static Formats.ModelFileException Misfit(NodeConversion call, SymbolicShape left, SymbolicShape right) => call.Refuse(
        $"it combines {left} with {right}, where N is the number of rows: they do not broadcast, or rows would mix",
        "export with a dynamic batch axis, and combine every row with itself only");
}
