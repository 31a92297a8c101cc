using AdaptCluster.Numerics.Operators;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Operators;

/// <summary>A matrix as an operator. Takes the matrix over.</summary>
internal sealed class DenseOperator(torch.Tensor matrix) : ILinearOperator
{
    private readonly torch.Tensor _matrix = TensorInterop.Own(matrix);

    public int Rows => (int)_matrix.shape[0];

    public int Columns => (int)_matrix.shape[1];

    public torch.ScalarType DType => _matrix.dtype;

    public torch.Device Device => _matrix.device;

    public torch.Tensor Apply(torch.Tensor v)
    {
        Operand.CheckApply(this, v);
        return torch.mm(_matrix, v);
    }

    public torch.Tensor ApplyTranspose(torch.Tensor u)
    {
        Operand.CheckTranspose(this, u);
        using torch.Tensor transposed = _matrix.t();
        return torch.mm(transposed, u);
    }

    public torch.Tensor ToDense() => _matrix.clone();

    public void Dispose() => _matrix.Dispose();
}
