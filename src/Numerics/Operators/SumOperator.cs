using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Operators;

/// <summary>A_1 + ... + A_m of operators of the same sizes, summed in their order. Borrows them.</summary>
internal sealed class SumOperator : ILinearOperator
{
    private readonly ILinearOperator[] _terms;

    /// <summary>Takes the terms.</summary>
    /// <exception cref="ArgumentException">There is none, or two differ in size, dtype or device.</exception>
    internal SumOperator(params ILinearOperator[] terms)
    {
        if (terms.Length == 0)
        {
            throw new ArgumentException("A sum needs at least one operator.", nameof(terms));
        }

        foreach (ILinearOperator term in terms)
        {
            if (term.Rows != terms[0].Rows || term.Columns != terms[0].Columns || term.DType != terms[0].DType || term.Device.type != terms[0].Device.type)
            {
                throw new ArgumentException($"The operators of a sum must be alike: {Describe(terms[0])} and {Describe(term)} are not.", nameof(terms));
            }
        }

        _terms = [.. terms];
    }

    public int Rows => _terms[0].Rows;

    public int Columns => _terms[0].Columns;

    public torch.ScalarType DType => _terms[0].DType;

    public torch.Device Device => _terms[0].Device;

    public torch.Tensor Apply(torch.Tensor v)
    {
        Operand.CheckApply(this, v);
        return Sum(term => term.Apply(v));
    }

    public torch.Tensor ApplyTranspose(torch.Tensor u)
    {
        Operand.CheckTranspose(this, u);
        return Sum(term => term.ApplyTranspose(u));
    }

    public torch.Tensor ToDense() => Sum(term => term.ToDense());

    public void Dispose()
    {
        // The terms belong to whoever made them.
    }

    private static string Describe(ILinearOperator term) => $"{term.Rows} x {term.Columns} {term.DType} on {term.Device}";

    private torch.Tensor Sum(Func<ILinearOperator, torch.Tensor> part)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor sum = part(_terms[0]);
        foreach (ILinearOperator term in _terms.AsSpan(1))
        {
            using torch.Tensor next = part(term);
            sum.add_(next, Scalars.One);
        }

        return TensorInterop.Return(sum);
    }
}
