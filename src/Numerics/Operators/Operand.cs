using TorchSharp;

namespace AdaptCluster.Numerics.Operators;

/// <summary>Checks what an operator is given before native code sees it: a wrong shape there may end the process.</summary>
internal static class Operand
{
    /// <summary>For <see cref="ILinearOperator.Apply"/>.</summary>
    /// <exception cref="ArgumentException">The shape, dtype or device differs.</exception>
    internal static void CheckApply(ILinearOperator product, torch.Tensor v) => Check(v, product.Columns, product.DType, product.Device, nameof(v));

    /// <summary>For <see cref="ILinearOperator.ApplyTranspose"/>.</summary>
    /// <exception cref="ArgumentException">The shape, dtype or device differs.</exception>
    internal static void CheckTranspose(ILinearOperator product, torch.Tensor u) => Check(u, product.Rows, product.DType, product.Device, nameof(u));

    /// <summary>For <see cref="IPartwiseOperator.AddPart"/>.</summary>
    /// <exception cref="ArgumentException">The shape, dtype or device differs, or there is no such part.</exception>
    internal static void CheckPart(IPartwiseOperator product, int part, torch.Tensor v, torch.Tensor result)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(part, product.Parts);

        // Vectors may have more precision than the operator; then so has the result.
        bool isWider = v is not null && v.dtype != product.DType && v.dtype == torch.ScalarType.Float64;
        Check(v!, product.Columns, isWider ? torch.ScalarType.Float64 : product.DType, product.Device, nameof(v));
        Check(result, product.Rows, isWider ? torch.ScalarType.Float64 : product.ResultType, product.Device, nameof(result));
        if (result.shape[1] != v!.shape[1])
        {
            throw new ArgumentException($"A result of {v.shape[1]} columns is needed, as many as are multiplied, not of {result.shape[1]}.", nameof(result));
        }
    }

    /// <summary>That a matrix [<paramref name="rows"/>, k] is what it should be.</summary>
    /// <exception cref="ArgumentException">The shape, dtype or device differs.</exception>
    internal static void Check(torch.Tensor operand, long rows, torch.ScalarType dtype, torch.Device device, string name)
    {
        ArgumentNullException.ThrowIfNull(operand, name);
        if (operand.dim() != 2 || operand.shape[0] != rows)
        {
            throw new ArgumentException($"A tensor of shape [{rows}, k] is needed, not [{string.Join(", ", operand.shape)}].", name);
        }

        if (operand.dtype != dtype || operand.device_type != device.type)
        {
            throw new ArgumentException($"A {dtype} tensor on {device} is needed, not a {operand.dtype} one on {operand.device}.", name);
        }
    }

    /// <summary>That a tensor can stand beside a block [<paramref name="size"/>, k], with a row for each index or one for all.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    internal static void CheckBeside(torch.Tensor beside, long size, string name)
    {
        ArgumentNullException.ThrowIfNull(beside, name);
        if (beside.dim() != 2 || (beside.shape[0] != size && beside.shape[0] != 1) || beside.shape[1] == 0)
        {
            throw new ArgumentException($"A tensor of shape [{size} or 1, k] is needed, not [{string.Join(", ", beside.shape)}].", name);
        }
    }

    /// <summary>That a block has as many columns as what stands beside it, where that has more than one.</summary>
    /// <exception cref="ArgumentException">It has others.</exception>
    internal static void CheckColumns(torch.Tensor beside, torch.Tensor operand, string name)
    {
        if (beside.shape[1] != 1 && beside.shape[1] != operand.shape[1])
        {
            throw new ArgumentException($"A block of {beside.shape[1]} columns is needed, not of {operand.shape[1]}: each column has a matrix of its own.", name);
        }
    }

    /// <summary>That an operator is square.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    internal static void CheckSquare(ILinearOperator product, string name)
    {
        ArgumentNullException.ThrowIfNull(product, name);
        if (product.Rows != product.Columns)
        {
            throw new ArgumentException($"A square operator is needed, not a {product.Rows} x {product.Columns} one.", name);
        }
    }

    /// <summary>The chosen columns of what stands beside a block, or all of it where it is the same for every column. In the caller's scope.</summary>
    internal static torch.Tensor Beside(torch.Tensor beside, ReadOnlySpan<int> columns)
    {
        if (beside.shape[1] == 1)
        {
            return beside.alias();
        }

        var index = new long[columns.Length];
        for (int j = 0; j < index.Length; j++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(columns[j], nameof(columns));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(columns[j], beside.shape[1], nameof(columns));
            index[j] = columns[j];
        }

        using torch.Tensor where = torch.tensor(index, device: beside.device);
        return beside.index_select(1, where);
    }

    /// <summary>The error of asking for the one matrix of an operator that has one for each column.</summary>
    internal static InvalidOperationException NoSingleMatrix(long columns) =>
        new($"This operator has a matrix of its own for each of {columns} columns. Pick one with OfColumns, and take that one's.");
}
