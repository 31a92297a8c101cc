using TorchSharp;

namespace AdaptCluster.Numerics.Solvers;

/// <summary>No preconditioner: P = I. For comparison, and where nothing better is affordable.</summary>
internal sealed class IdentityPreconditioner(int size) : IPreconditioner
{
    public double LogDeterminant => 0;

    public int NormalsPerSample => size;

    public torch.Tensor Solve(torch.Tensor residuals, ReadOnlySpan<int> columns) => residuals.clone();

    public torch.Tensor Sample(torch.Tensor normals) => normals.clone();

    public void Dispose()
    {
        // Nothing is held.
    }
}
