using AdaptCluster.Numerics.Solvers;

namespace AdaptCluster.Numerics.Solves;

/// <summary>How a solve ended and what it took.</summary>
/// <param name="Status">Only <see cref="SolveStatus.Converged"/> gives a posterior.</param>
/// <param name="Iterations">Steps of the recurrence, over all rounds.</param>
/// <param name="Rounds">Runs of the recurrence: more than 1 where the recomputed residual was larger than it seemed.</param>
/// <param name="RelativeResidual">|b - A x| / |b|, recomputed; the largest of all columns.</param>
/// <param name="Error">(r^T P^-1 r)^1/2 of the recomputed residual: about the error of a predicted mean in prior standard deviations.</param>
/// <param name="PreconditionerSize">Columns of the pivoted Cholesky factor, or sampled rows.</param>
public sealed record SolveStatistics(
    SolveStatus Status, int Iterations, int Rounds, double RelativeResidual, double Error, int PreconditionerSize)
{
    /// <summary>What happened and what to do, in a sentence; for a solve that converged, only what happened.</summary>
    public string Describe() => Status switch
    {
        SolveStatus.Converged => $"converged in {Iterations} iterations to a relative residual of {RelativeResidual:0.0e+0}",
        SolveStatus.IterationLimit => $"not converged: after {Iterations} iterations the relative residual is {RelativeResidual:0.0e+0}; allow more iterations or a larger noise variance",
        SolveStatus.Stagnated =>
            $"not converged: the relative residual stays at {RelativeResidual:0.0e+0}, which is what the products' rounding allows; use a larger noise variance, or few enough rows for a direct solve",
        _ => $"not converged: to rounding, the matrix is not positive definite (relative residual {RelativeResidual:0.0e+0}); use a larger noise variance, or few enough rows for a direct solve",
    };
}
