using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Import.Onnx.Values;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>Products with matrices.</summary>
internal static class LinearOperators
{
    internal static void MatMul(NodeConversion call)
    {
        RowValue x = call.Row(0);
        call.Set(Linear(call, x, call.Parameter(1), isTransposed: true) ?? Multiply(call, x, call.Row(1)));
    }

    internal static void Gemm(NodeConversion call)
    {
        RowValue x = Turned(call, call.Row(0), call.Node.Integer("transA", 0) != 0);
        bool isTransposed = call.Node.Integer("transB", 0) == 0;
        double alpha = Decimals.Of(call.Node.Number("alpha", 1));
        double beta = Decimals.Of(call.Node.Number("beta", 1));
        TensorValue? bias = alpha == 1 && beta == 1 && call.Parameter(2) is { Shape: [> 0] } c ? c : null;
        if (x.Shape.Rank != 2)
        {
            throw call.Refuse($"it multiplies {x.Shape}, which is no matrix", ModelErrors.ExportAgain);
        }

        if (Linear(call, x, call.Parameter(1), isTransposed, bias) is { } whole && bias is not null)
        {
            call.Set(whole);
            return;
        }

        RowValue product = Linear(call, x, call.Parameter(1), isTransposed) ?? Multiply(call, x, Turned(call, call.Row(1), !isTransposed));
        product = Scaled(call, product, alpha);
        call.Set(call.Has(2) ? ArithmeticOperators.Combine(call, ArithmeticFunction.Add, product, Scaled(call, call.Row(2), beta)) : product);
    }

    // A linear node; null where the operand is no parameter, or is stored the other way. With a bias: null where it does not fit.
    private static RowValue? Linear(NodeConversion call, RowValue x, TensorValue? weight, bool isTransposed, TensorValue? bias = null)
    {
        if (weight is not { Shape.Length: 2 } || x.Shape.Rank < 2 || (bias is not null && call.Graph.Straight(bias) is null) || call.Graph.Weight(weight, isTransposed) is not { } name)
        {
            return null;
        }

        (int inputs, int outputs) = isTransposed ? (weight.Shape[0], weight.Shape[1]) : (weight.Shape[1], weight.Shape[0]);
        int last = x.Shape.Rank - 1;
        if (x.Shape.Axes[last] != Axis.Of(inputs))
        {
            throw call.Refuse($"{x.Shape} does not multiply {ModelErrors.Quote(weight.Name)} [{string.Join(", ", weight.Shape)}]", "let the features be the last axis and the rows another");
        }

        if (bias is not null && bias.Shape[0] != outputs)
        {
            return null;
        }

        return call.Emit(
            node => new LinearNode { Name = node, Inputs = [x.Node], Outputs = outputs, Weight = name, HasBias = bias is not null, Bias = bias?.Name },
            x.Shape.With(last, Axis.Of(outputs)));
    }

    private static RowValue Multiply(NodeConversion call, RowValue left, RowValue right)
    {
        (bool isLeftVector, bool isRightVector) = (left.Shape.Rank == 1, right.Shape.Rank == 1);
        if (left.Shape.Rank == 0 || right.Shape.Rank == 0)
        {
            throw call.Refuse("it multiplies a single number as a matrix", ModelErrors.ExportAgain);
        }

        left = isLeftVector ? call.Reshape(left, new SymbolicShape([Axis.Of(1), .. left.Shape.Axes])) : left;
        right = isRightVector ? call.Reshape(right, new SymbolicShape([.. right.Shape.Axes, Axis.Of(1)])) : right;
        SymbolicShape product = ProductShape(call, left.Shape, right.Shape);
        RowValue l = Matrix(call, left, product);
        RowValue r = Matrix(call, right, product);

        // For one row, a matrix needs both its axes: that of the rows is kept with length 1 until the product is made.
        int rows = product.RowsAxis;
        bool isPadded = product.HasRows && rows >= product.Rank - 2 && product.Axes[rows].IsRows;
        RowValue value = call.Emit(name => new MatMulNode { Name = name, Inputs = [l.Node, r.Node] }, isPadded ? product.With(rows, Axis.Of(1)) : product);
        SymbolicShape shape = isRightVector ? product.Without(product.Rank - 1) : product;
        shape = isLeftVector ? shape.Without(shape.Rank - (isRightVector ? 1 : 2)) : shape;
        return call.Reshape(value, shape);
    }

    private static SymbolicShape ProductShape(NodeConversion call, SymbolicShape left, SymbolicShape right)
    {
        SymbolicShape lead = Broadcasting.Shape(call, new SymbolicShape(left.Axes[..^2]), new SymbolicShape(right.Axes[..^2]));
        Axis[] axes = [.. lead.Axes, left.Axes[^2], right.Axes[^1]];
        bool rowsMix = left.Axes[^1].HasRows || right.Axes[^2].HasRows || axes.Count(a => a.HasRows) > 1
            || (left.HasRows && right.HasRows && !lead.HasRows);
        return left.Axes[^1] == right.Axes[^2] && !rowsMix
            ? new SymbolicShape([.. axes])
            : throw call.Refuse($"it multiplies {left} by {right}, where N is the number of rows: they do not fit, or rows would mix", "multiply every row with itself only");
    }

    private static RowValue Matrix(NodeConversion call, RowValue value, SymbolicShape product)
    {
        int rows = value.Shape.RowsAxis;
        return rows >= value.Shape.Rank - 2 && rows >= 0 && value.Shape.Axes[rows].IsRows
            ? call.Reshape(value, value.Shape.With(rows, Axis.Of(1)))
            : product.RowsAxis < product.Rank - 2 ? Broadcasting.Fit(call, value, product) : value;
    }

    private static RowValue Turned(NodeConversion call, RowValue x, bool turns)
    {
        if (!turns)
        {
            return x;
        }

        return x.Shape.Rank == 2 ? ShapeOperators.Permute(call, x, [1, 0]) : throw call.Refuse($"it transposes {x.Shape}, which is no matrix", ModelErrors.ExportAgain);
    }

    private static RowValue Scaled(NodeConversion call, RowValue x, double by) => by == 1
        ? x
        : ArithmeticOperators.Combine(call, ArithmeticFunction.Multiply, x, call.Row(new HostValue(HostTensor.Scalar(HostKind.Real, new Number(by)))));
}
