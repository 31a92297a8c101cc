using TorchSharp;

namespace AdaptCluster.Numerics.Solvers;

/// <summary>When conjugate gradients stop, and in what their directions are sent.</summary>
internal sealed record ConjugateGradientOptions
{
    /// <summary>A column has converged when |r| is at most this times |b|. Positive.</summary>
    internal required double RelativeTolerance { get; init; }

    /// <summary>And when |P^-1 r| is at most this, which estimates the error of the solution itself. Default: no such demand.</summary>
    internal double ErrorTolerance { get; init; } = double.PositiveInfinity;

    /// <summary>The most steps. Default 1,000.</summary>
    internal int MaxIterations { get; init; } = 1_000;

    /// <summary>So many steps without a new smallest residual (by a tenth) are stagnation. Default 50.</summary>
    internal int Patience { get; init; } = 50;

    /// <summary>What directions are rounded to before they are used. Default Float32.</summary>
    internal torch.ScalarType DirectionType { get; init; } = torch.ScalarType.Float32;
}
