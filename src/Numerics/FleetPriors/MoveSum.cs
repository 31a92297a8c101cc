using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// The derivatives of a fleet's evidence with respect to the prior's directions and shift, summed over parts: J^T (alpha alpha^T - C^-1) J U and J^T alpha,
/// by two products with r + 1 columns per part.
/// </summary>
internal sealed class MoveSum(NetworkSpec spec, Prior prior)
{
    private readonly double[] _columns = Columns(spec, prior);

    /// <summary>r.</summary>
    internal int Rank { get; } = prior.RankOf(spec);

    /// <summary>[p, r + 1] row by row: of the directions, and last of the shift.</summary>
    internal double[] Gradient { get; } = new double[(long)spec.ParameterCount * (prior.RankOf(spec) + 1)];

    /// <summary>J U and J d0, [N, r + 1], fp64, in the caller's scope.</summary>
    internal torch.Tensor Features(JacobianFactors factors) => PriorFunctions.ToDouble(
        factors.Apply(TensorInterop.FromDoubles(_columns, [spec.ParameterCount, Rank + 1], factors.DType, factors.Device)));

    /// <summary>Adds J^T of what pulls at each observation, [N, r + 1].</summary>
    internal void Add(JacobianFactors factors, torch.Tensor pulls)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ReadOnlySpan<double> pulled = TensorInterop.View(factors.ApplyTranspose(pulls.to(factors.DType)));
        PackedMatrix.AddScaled(pulled, 1, Gradient);
    }

    private static double[] Columns(NetworkSpec spec, Prior prior)
    {
        int rank = prior.RankOf(spec);
        var columns = new double[(long)spec.ParameterCount * (rank + 1)];
        for (int i = 0; i < spec.ParameterCount; i++)
        {
            prior.Directions.AsSpan().Slice(i * rank, rank).CopyTo(columns.AsSpan(i * (rank + 1)));
            columns[(i * (rank + 1)) + rank] = prior.Shift.IsEmpty ? 0 : prior.Shift[i];
        }

        return columns;
    }
}
