using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>
/// What a coordinator of kernel rows computes itself from the inputs that all participants have: the kernel's diagonal, its partial pivoted Cholesky
/// factor, and d = D J^T alpha. Owns everything.
/// </summary>
internal sealed class KernelSide : IDisposable
{
    private const int StepsPerPart = 16;

    private readonly SourceNetwork _network;
    private readonly Prior _prior;
    private PivotedCholesky? _pivots;

    internal KernelSide(SourceModel model, torch.Device device, Prior prior, RowMatrix inputs, bool inDouble)
    {
        _prior = prior;
        _network = new SourceNetwork(model, device, VectorBlocks.TypeOf(inDouble));
        Factors = _network.Linearise(inputs);
    }

    /// <summary>The Jacobian at all inputs, fp32 or fp64. Owned by this object.</summary>
    internal JacobianFactors Factors { get; }

    /// <summary>The mean of the diagonal of K - F F^T.</summary>
    internal double MeanResidual => _pivots!.MeanResidual;

    /// <summary>Makes the pivoted factor, some columns at a time.</summary>
    /// <param name="maxRank">The most columns.</param>
    /// <param name="meanResidual">When the residual is small enough.</param>
    internal IEnumerable<ShardRequest?> Factorise(int maxRank, double meanResidual)
    {
        using (DisposeScope scope = torch.NewDisposeScope())
        {
            torch.Tensor diagonal = PriorFunctions.ToDouble(Factors.Diagonal(_prior.BlockScales.AsSpan()));
            _pivots = new PivotedCholesky(diagonal, Row, maxRank, meanResidual);
        }

        while (!_pivots.IsDone)
        {
            for (int i = 0; i < StepsPerPart && !_pivots.IsDone; i++)
            {
                _pivots.Step();
            }

            yield return null;
        }
    }

    /// <summary>F, [N, r], in the caller's dispose scope.</summary>
    internal torch.Tensor Factor() => _pivots!.Factor();

    /// <summary>D J^T alpha, [p, k], fp64, in the caller's dispose scope.</summary>
    internal torch.Tensor MeanParameters(torch.Tensor alpha)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor pulled = PriorFunctions.ToDouble(Factors.ApplyTranspose(alpha.to(Factors.DType)));
        return TensorInterop.Return(pulled.mul_(PriorFunctions.ParameterScales(Factors.Spec, _prior, Factors.Device)));
    }

    public void Dispose()
    {
        _pivots?.Dispose();
        Factors.Dispose();
        _network.Dispose();
    }

    // Row i c + o of K.
    private torch.Tensor Row(int index)
    {
        int c = Factors.Outputs;
        using JacobianFactors one = Factors.Slice(index / c, 1);
        return PriorFunctions.ToDouble(one.CrossGram(Factors, _prior.BlockScales.AsSpan())).select(0, index % c);
    }
}
