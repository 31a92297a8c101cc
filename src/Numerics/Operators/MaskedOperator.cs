using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Operators;

/// <summary>
/// M A M of a square operator and a diagonal M of zeros and ones: the rows that were observed. M may be another one for each column of the block, which
/// then is a block of different systems that share one product with A. Owns the mask, borrows A.
/// </summary>
internal sealed class MaskedOperator : ILinearOperator
{
    private readonly ILinearOperator _inner;
    private readonly torch.Tensor _mask; // [n, 1 or k], in the products' dtype

    /// <summary>Takes the mask.</summary>
    /// <param name="inner">A, [n, n].</param>
    /// <param name="mask">[n, 1], the same for every column, or [n, k]; Bool; true where an index takes part. Copied.</param>
    /// <exception cref="ArgumentException">A is not square, or the mask does not fit.</exception>
    internal MaskedOperator(ILinearOperator inner, torch.Tensor mask)
    {
        Operand.CheckSquare(inner, nameof(inner));
        Operand.Check(mask, inner.Rows, torch.ScalarType.Bool, inner.Device, nameof(mask));
        Operand.CheckBeside(mask, inner.Rows, nameof(mask));
        _inner = inner;
        _mask = TensorInterop.Own(mask.to(inner.DType));
    }

    private MaskedOperator(torch.Tensor mask, ILinearOperator inner)
    {
        _inner = inner;
        _mask = TensorInterop.Own(mask);
    }

    public int Rows => _inner.Rows;

    public int Columns => _inner.Columns;

    public torch.ScalarType DType => _inner.DType;

    public torch.Device Device => _inner.Device;

    /// <summary>The operator of some columns of the block, for when the others have left it. The caller disposes it; it borrows A as this one does.</summary>
    internal MaskedOperator OfColumns(ReadOnlySpan<int> columns) => new(Operand.Beside(_mask, columns), _inner);

    public torch.Tensor Apply(torch.Tensor v)
    {
        Operand.CheckApply(this, v);
        Operand.CheckColumns(_mask, v, nameof(v));
        using DisposeScope scope = torch.NewDisposeScope();
        return TensorInterop.Return(_inner.Apply(v * _mask).mul_(_mask));
    }

    public torch.Tensor ApplyTranspose(torch.Tensor u)
    {
        Operand.CheckTranspose(this, u);
        Operand.CheckColumns(_mask, u, nameof(u));
        using DisposeScope scope = torch.NewDisposeScope();
        return TensorInterop.Return(_inner.ApplyTranspose(u * _mask).mul_(_mask));
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Each column has a mask of its own.</exception>
    public torch.Tensor ToDense()
    {
        if (_mask.shape[1] != 1)
        {
            throw Operand.NoSingleMatrix(_mask.shape[1]);
        }

        using DisposeScope scope = torch.NewDisposeScope();
        return TensorInterop.Return(_inner.ToDense().mul_(_mask).mul_(_mask.t()));
    }

    public void Dispose() => _mask.Dispose();
}
