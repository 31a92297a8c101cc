using System.Collections.Immutable;
using MathNet.Numerics.LinearAlgebra;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>A fleet's objective at one point.</summary>
/// <param name="X">The logarithms of the scales and of the noise variances.</param>
/// <param name="Cost">The negative log evidence per observation, with the penalty.</param>
/// <param name="Gradient">Its gradient.</param>
/// <param name="Curvature">The average information per observation, with the penalty's curvature: positive semidefinite.</param>
/// <param name="Evidence">The log evidence per observation.</param>
/// <param name="Tasks">Each task alone.</param>
internal sealed record FleetPoint(
    Vector<double> X, double Cost, Vector<double> Gradient, Matrix<double> Curvature, double Evidence, ImmutableArray<TaskScore> Tasks)
{
    internal double GradientNorm => Gradient.InfinityNorm();
}
