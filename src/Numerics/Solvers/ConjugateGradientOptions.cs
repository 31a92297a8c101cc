using TorchSharp;

namespace AdaptCluster.Numerics.Solvers;

/// <summary>When conjugate gradients stop, and in what their directions are sent.</summary>
internal sealed record ConjugateGradientOptions
{
    /// <summary>A column has converged when |r| is at most this times |b|. Positive.</summary>
    internal required double RelativeTolerance { get; init; }

    /// <summary>And when (r^T P^-1 r)^1/2 is at most this: about the error of the solution in the norm of A. Default: no such demand.</summary>
    internal double ErrorTolerance { get; init; } = double.PositiveInfinity;

    /// <summary>
    /// Or when that error is at most this part of what it was at first, whatever the other two say: rounded products cannot do more. Default 0: never.
    /// </summary>
    internal double ErrorReduction { get; init; }

    /// <summary>Columns from this one on are probes, which need no more than <see cref="ProbeTolerance"/>. Default: none is.</summary>
    internal int FirstProbe { get; init; } = int.MaxValue;

    /// <summary>The relative tolerance of probes. Default 0.01.</summary>
    internal double ProbeTolerance { get; init; } = 0.01;

    /// <summary>The most steps. Default 1,000.</summary>
    internal int MaxIterations { get; init; } = 1_000;

    /// <summary>So many steps without a new smallest residual (by a tenth) are stagnation. Default 50.</summary>
    internal int Patience { get; init; } = 50;

    /// <summary>What directions are rounded to before they are used. Default Float32.</summary>
    internal torch.ScalarType DirectionType { get; init; } = torch.ScalarType.Float32;

    /// <summary>Whether a column with these residuals has converged.</summary>
    internal bool IsMet(int column, double relative, double error, double firstError) => column >= FirstProbe
        ? relative <= ProbeTolerance
        : (relative <= RelativeTolerance && error <= ErrorTolerance) || error <= ErrorReduction * firstError;
}
