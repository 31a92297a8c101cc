using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Operators;

/// <summary>
/// A + diag(shift) of a square operator: noise on a kernel. The shift may differ by index, by column of the block (a block of different systems that
/// share one product with A), or by both. Owns the shift, borrows A.
/// </summary>
internal sealed class ShiftedOperator : ILinearOperator
{
    private readonly ILinearOperator _inner;
    private readonly torch.Tensor _shift; // [n or 1, 1 or k]

    /// <summary>Takes the shift.</summary>
    /// <param name="inner">A, [n, n].</param>
    /// <param name="shift">[n, 1], [1, k], [n, k] or [1, 1]; A's dtype and device. Copied.</param>
    /// <exception cref="ArgumentException">A is not square, or the shift does not fit.</exception>
    internal ShiftedOperator(ILinearOperator inner, torch.Tensor shift)
    {
        Operand.CheckSquare(inner, nameof(inner));
        Operand.CheckBeside(shift, inner.Rows, nameof(shift));
        Operand.Check(shift, shift.shape[0], inner.DType, inner.Device, nameof(shift));
        _inner = inner;
        _shift = TensorInterop.Own(shift.clone());
    }

    private ShiftedOperator(torch.Tensor shift, ILinearOperator inner)
    {
        _inner = inner;
        _shift = TensorInterop.Own(shift);
    }

    public int Rows => _inner.Rows;

    public int Columns => _inner.Columns;

    public torch.ScalarType DType => _inner.DType;

    public torch.Device Device => _inner.Device;

    /// <summary>The operator of some columns of the block, for when the others have left it. The caller disposes it; it borrows A as this one does.</summary>
    internal ShiftedOperator OfColumns(ReadOnlySpan<int> columns) => new(Operand.Beside(_shift, columns), _inner);

    public torch.Tensor Apply(torch.Tensor v)
    {
        Operand.CheckApply(this, v);
        Operand.CheckColumns(_shift, v, nameof(v));
        using DisposeScope scope = torch.NewDisposeScope();
        return TensorInterop.Return(_inner.Apply(v).add_(v * _shift, Scalars.One));
    }

    public torch.Tensor ApplyTranspose(torch.Tensor u)
    {
        Operand.CheckTranspose(this, u);
        Operand.CheckColumns(_shift, u, nameof(u));
        using DisposeScope scope = torch.NewDisposeScope();
        return TensorInterop.Return(_inner.ApplyTranspose(u).add_(u * _shift, Scalars.One));
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Each column has a shift of its own.</exception>
    public torch.Tensor ToDense()
    {
        if (_shift.shape[1] != 1)
        {
            throw Operand.NoSingleMatrix(_shift.shape[1]);
        }

        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor dense = _inner.ToDense();
        dense.diagonal().add_(_shift.view(-1), Scalars.One);
        return TensorInterop.Return(dense);
    }

    public void Dispose() => _shift.Dispose();
}
