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

    /// <summary>J d0, [N], added to a mean; nothing where the prior has no shift.</summary>
    internal static torch.Tensor? ShiftAt(JacobianFactors at, Prior prior)
    {
        if (prior.Shift.IsEmpty)
        {
            return null;
        }

        torch.Tensor shift = TensorInterop.FromDoubles([.. prior.Shift], [prior.Shift.Length, 1], at.DType, at.Device);
        return ToDouble(at.Apply(shift)).view(-1);
    }

    /// <summary>U, [p, r], fp64; null where the prior has no directions.</summary>
    internal static torch.Tensor? Directions(NetworkSpec spec, Prior prior, torch.Device device) => prior.Directions.IsEmpty
        ? null
        : TensorInterop.FromDoubles([.. prior.Directions], [spec.ParameterCount, prior.RankOf(spec)], torch.ScalarType.Float64, device);

    /// <summary>F = J U, [N, r]: the features that all tasks of a source share; null where the prior has no directions.</summary>
    internal static torch.Tensor? FeaturesAt(JacobianFactors at, Prior prior) =>
        Directions(at.Spec, prior, at.Device) is { } directions ? ToDouble(at.Apply(directions.to(at.DType))) : null;

    /// <summary>The prior covariance between two sets of rows, [N, N'].</summary>
    internal static torch.Tensor Cross(JacobianFactors left, JacobianFactors right, Prior prior)
    {
        torch.Tensor cross = ToDouble(left.CrossGram(right, prior.BlockScales.AsSpan()));
        return FeaturesAt(left, prior) is { } features ? cross.addmm_(features, FeaturesAt(right, prior)!.t(), 1, 1) : cross;
    }

    /// <summary>The prior covariance of some rows, [N, N].</summary>
    internal static torch.Tensor Covariance(JacobianFactors at, Prior prior)
    {
        torch.Tensor covariance = ToDouble(at.Gram(prior.BlockScales.AsSpan()));
        return FeaturesAt(at, prior) is { } features ? covariance.addmm_(features, features.t(), 1, 1) : covariance;
    }

    /// <summary>Its diagonal, [N].</summary>
    internal static torch.Tensor Variances(JacobianFactors at, Prior prior)
    {
        torch.Tensor variances = ToDouble(at.Diagonal(prior.BlockScales.AsSpan()));
        return FeaturesAt(at, prior) is { } features ? variances.add_(features.square().sum(dim: 1)) : variances;
    }

    internal static torch.Tensor ToDouble(torch.Tensor tensor) =>
        tensor.dtype == torch.ScalarType.Float64 ? tensor : tensor.to(torch.ScalarType.Float64);
}
