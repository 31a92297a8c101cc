using AdaptCluster.Numerics.Jacobians;
using TorchSharp;

namespace AdaptCluster.Numerics.Operators;

/// <summary>J itself, [N, p], by structured products. Borrows the factors.</summary>
internal sealed class JacobianOperator(JacobianFactors factors) : ILinearOperator
{
    public int Rows => factors.Count;

    public int Columns => factors.Spec.ParameterCount;

    public torch.ScalarType DType => factors.DType;

    public torch.Device Device => factors.Device;

    public torch.Tensor Apply(torch.Tensor v)
    {
        Operand.CheckApply(this, v);
        return factors.Apply(v);
    }

    public torch.Tensor ApplyTranspose(torch.Tensor u)
    {
        Operand.CheckTranspose(this, u);
        return factors.ApplyTranspose(u);
    }

    public torch.Tensor ToDense() => factors.ToDense();

    public void Dispose()
    {
        // The factors belong to whoever made them.
    }
}
