using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>A prediction in managed memory and in the data's own units. Every matrix but the covariance is [m, c].</summary>
/// <param name="Mean">The mean of the function, and of an observation.</param>
/// <param name="LatentVariance">The variance of the function, in target units squared.</param>
/// <param name="NoiseVariance">The variance of one observation around the function; an observation's variance is the sum of both.</param>
/// <param name="SourceMean">What the source network says without adaptation.</param>
/// <param name="JointCovariance">The covariance of the function between all outputs at all rows, [m c, m c], row index i c + o; null unless asked for.</param>
public sealed record Prediction(RowMatrix Mean, RowMatrix LatentVariance, RowMatrix NoiseVariance, RowMatrix SourceMean, RowMatrix? JointCovariance)
{
    /// <summary>The standard deviation of an observation (function and noise), in target units.</summary>
    public double ObservationDeviation(int row, int output) => Math.Sqrt(LatentVariance[row, output] + NoiseVariance[row, output]);

    internal static void CheckKind(JacobianFactors at, NetworkSpec spec, PredictionKind kind)
    {
        ArgumentNullException.ThrowIfNull(at);
        if (!ReferenceEquals(at.Spec, spec) && !at.Spec.Equals(spec))
        {
            throw new ArgumentException("The inputs were linearised by a network of another shape.", nameof(at));
        }

        if (!Enum.IsDefined(kind))
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "Ask for Mean, Marginal or Joint.");
        }
    }
}
