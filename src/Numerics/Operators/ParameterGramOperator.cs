using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Operators;

/// <summary>
/// D^1/2 J^T Sigma^-1 J D^1/2 over the q free parameters, for some of a task's rows: symmetric, [q, q], never formed. A product of k columns costs
/// about 4 n p k flops, and the linearisation where factors are not kept. Chunks are summed in fp64. Borrows chunks and free parameters.
/// </summary>
internal sealed class ParameterGramOperator(FactorChunks chunks, FreeParameters free, Prior prior) : IPartwiseOperator
{
    public int Rows => free.Count;

    public int Columns => free.Count;

    public int Parts => chunks.Count;

    public torch.ScalarType DType => chunks.Network.DType;

    public torch.ScalarType ResultType => torch.ScalarType.Float64;

    public torch.Device Device => chunks.Network.Device;

    public torch.Tensor Apply(torch.Tensor v)
    {
        Operand.CheckApply(this, v);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor result = torch.zeros(Rows, v.shape[1], dtype: ResultType, device: Device);
        for (int part = 0; part < Parts; part++)
        {
            AddPart(part, v, result);
        }

        return TensorInterop.Return(result.to(DType));
    }

    public torch.Tensor ApplyTranspose(torch.Tensor u) => Apply(u);

    /// <summary>Whether vectors in fp64 can be multiplied by factors in fp32: not where a program computes the products.</summary>
    internal bool TakesDouble { get; } = chunks.Network.DType == torch.ScalarType.Float64 || chunks.Network.Model.Weights.Program is null;

    /// <summary>Adds one part. Vectors of more precision than the factors are multiplied in theirs.</summary>
    public void AddPart(int part, torch.Tensor v, torch.Tensor result)
    {
        Operand.CheckPart(this, part, v, result);
        chunks.Use(part, factors =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            using JacobianFactors? wider = v.dtype == factors.DType ? null : factors.InDouble();
            JacobianFactors used = wider ?? factors;
            torch.Tensor pushed = used.Apply(free.Embed(v));
            torch.Tensor pulled = used.ApplyTranspose(pushed.mul_(Weights(used)));
            result.add_(free.Extract(pulled), Scalars.One);
        });
    }

    public torch.Tensor ToDense()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor dense = torch.zeros(Rows, Rows, dtype: torch.ScalarType.Float64, device: Device);
        for (int part = 0; part < Parts; part++)
        {
            chunks.Use(part, factors =>
            {
                using DisposeScope inner = torch.NewDisposeScope();
                torch.Tensor rows = free.Rows(factors);
                dense.add_(torch.mm(rows.t(), rows * Weights(factors)), Scalars.One);
            });
        }

        return TensorInterop.Return(dense.to(DType));
    }

    /// <summary>The diagonal of Sigma^-1 for the rows of a chunk, [N, 1], in the products' dtype. In the caller's dispose scope.</summary>
    private torch.Tensor Weights(JacobianFactors factors) => NoiseWeights.Of(factors, prior, factors.DType);

    public void Dispose()
    {
        // Chunks and free parameters belong to whoever made them.
    }
}
