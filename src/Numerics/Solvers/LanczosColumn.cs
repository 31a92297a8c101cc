namespace AdaptCluster.Numerics.Solvers;

/// <summary>One start of a block of Lanczos runs: its tridiagonal matrix so far, and whether it goes on.</summary>
internal sealed class LanczosColumn
{
    /// <summary>
    /// Running; Converged when the space is exhausted, so that the matrix is exact; IterationLimit at the most steps; Breakdown when a product was not finite.
    /// </summary>
    internal SolveStatus Status { get; set; }

    /// <summary>The length of the start.</summary>
    internal double Norm { get; init; }

    /// <summary>alpha, one number per step.</summary>
    internal List<double> Diagonal { get; } = [];

    /// <summary>beta between the steps; and one more after the last step, unless the space is exhausted.</summary>
    internal List<double> OffDiagonal { get; } = [];
}
