namespace AdaptCluster.Numerics.Solvers;

/// <summary>One right-hand side of a block of conjugate gradients: where it stands, and the numbers of its recurrence.</summary>
internal sealed class CgColumn
{
    /// <summary>Where it stands.</summary>
    internal SolveStatus Status { get; set; }

    /// <summary>|b|.</summary>
    internal double RightHandSide { get; set; }

    /// <summary>|r|, as the recurrence has it.</summary>
    internal double Residual { get; set; }

    /// <summary>(r^T P^-1 r)^1/2: about the error of the solution in the norm of A.</summary>
    internal double Error { get; set; }

    /// <summary>The smallest |r| so far.</summary>
    internal double Best { get; set; } = double.PositiveInfinity;

    /// <summary>Steps since <see cref="Best"/> went down.</summary>
    internal int SinceBest { get; set; }

    /// <summary>r^T P^-1 r.</summary>
    internal double Square { get; set; }

    /// <summary>r^T P^-1 r of the first residual: |P^-1/2 b|^2.</summary>
    internal double FirstSquare { get; set; }

    /// <summary>The step lengths alpha and the ratios beta, one of each per step: they are the Lanczos matrix of P^-1/2 A P^-1/2.</summary>
    internal List<double> Steps { get; init; } = [];

    internal List<double> Ratios { get; init; } = [];

    /// <summary>|r| / |b|; 0 for b = 0.</summary>
    internal double Relative => RightHandSide == 0 ? 0 : Residual / RightHandSide;

    /// <summary>Takes note of a new residual and of what it says about going on.</summary>
    internal void Judge(int index, ConjugateGradientOptions options, int iteration)
    {
        if (!double.IsFinite(Residual) || !double.IsFinite(Error))
        {
            Status = SolveStatus.Breakdown;
            return;
        }

        SinceBest = Residual < 0.9 * Best ? 0 : SinceBest + 1;
        Best = Math.Min(Best, Residual);
        Status = options.IsMet(index, Relative, Error, Math.Sqrt(Math.Max(0, FirstSquare))) ? SolveStatus.Converged
            : SinceBest >= options.Patience ? SolveStatus.Stagnated
            : iteration >= options.MaxIterations ? SolveStatus.IterationLimit
            : SolveStatus.Running;
    }
}
