using TorchSharp;

namespace AdaptCluster.Numerics.Solvers;

/// <summary>A symmetric positive definite matrix P near the system's, whose inverse is cheap. fp64; owns its tensors.</summary>
internal interface IPreconditioner : IDisposable
{
    /// <summary>log|P|; of a block with a matrix of its own for each column, that of none: NaN.</summary>
    double LogDeterminant { get; }

    /// <summary>How many standard normal numbers make one draw of <see cref="Sample"/>.</summary>
    int NormalsPerSample { get; }

    /// <summary>P^-1 R. In the caller's dispose scope.</summary>
    /// <param name="residuals">R, [n, a], fp64.</param>
    /// <param name="columns">Which right-hand sides the columns of R belong to, length a.</param>
    torch.Tensor Solve(torch.Tensor residuals, ReadOnlySpan<int> columns);

    /// <summary>Draws z ~ N(0, P), [n, k], from standard normal numbers, [<see cref="NormalsPerSample"/>, k]. In the caller's dispose scope.</summary>
    torch.Tensor Sample(torch.Tensor normals);
}
