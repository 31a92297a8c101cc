using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Operators;

/// <summary>The inverse noise variances of some rows.</summary>
internal static class NoiseWeights
{
    /// <summary>[N, 1], row i c + o, or [1, 1] where all are the same. In the caller's dispose scope.</summary>
    internal static torch.Tensor Of(JacobianFactors factors, Prior prior, torch.ScalarType dtype)
    {
        if (prior.NoiseVariance.Length == 1)
        {
            return TensorInterop.FromDoubles([1 / prior.NoiseVariance[0]], [1, 1], dtype, factors.Device);
        }

        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor outputs = TensorInterop.FromDoubles([.. prior.NoiseVariance.Select(v => 1 / v)], [1, factors.Outputs], dtype, factors.Device);
        return TensorInterop.Return(outputs.expand(factors.Rows, factors.Outputs).reshape(-1, 1));
    }
}
