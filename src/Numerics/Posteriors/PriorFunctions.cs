using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>What both posteriors need of the prior. Results are fp64 and in the caller's dispose scope.</summary>
internal static class PriorFunctions
{
    /// <summary>The diagonal of D, [p, 1].</summary>
    internal static torch.Tensor ParameterScales(NetworkSpec spec, Prior prior, torch.Device device)
    {
        var values = new double[spec.ParameterCount];
        for (int b = 0; b < spec.Blocks.Length; b++)
        {
            values.AsSpan(spec.Blocks[b].Offset, spec.Blocks[b].Count).Fill(prior.BlockScales[b]);
        }

        return TensorInterop.FromDoubles(values, [values.Length, 1], torch.ScalarType.Float64, device);
    }

    /// <summary>m(x) + J(x) d for every column of <paramref name="parameters"/>: [m, c] for one column, else [m c, k].</summary>
    internal static torch.Tensor MeanAt(JacobianFactors at, Prior prior, torch.Tensor parameters)
    {
        torch.Tensor change = ToDouble(at.Apply(at.DType == parameters.dtype ? parameters : parameters.to(at.DType)));
        if (prior.Mean == PriorMean.Source)
        {
            change.add_(at.Output.reshape(-1, 1));
        }

        return change.shape[1] == 1 ? change.view(at.Rows, at.Outputs) : change;
    }

    internal static torch.Tensor ToDouble(torch.Tensor tensor) =>
        tensor.dtype == torch.ScalarType.Float64 ? tensor : tensor.to(torch.ScalarType.Float64);
}
