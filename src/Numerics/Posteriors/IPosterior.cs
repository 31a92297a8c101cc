using AdaptCluster.Numerics.Jacobians;
using TorchSharp;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>The exact posterior of one task, whichever side it was computed on. Standardised units, fp64. One thread at a time.</summary>
public interface IPosterior : IDisposable
{
    /// <summary>log p(y | X, prior) of the standardised targets, in nats.</summary>
    double LogEvidence { get; }

    /// <summary>tr(K C^-1): how many of the N observations' worth of freedom the data used; between 0 and min(N, p).</summary>
    double EffectiveDimension { get; }

    /// <summary>What was added to a diagonal to make it factorise; 0 normally.</summary>
    double Jitter { get; }

    /// <summary>Every observation predicted without itself, standardised units.</summary>
    LeaveOneOut LeaveOneOut { get; }

    /// <summary>The device memory that this object owns, in bytes.</summary>
    long Bytes { get; }

    /// <summary>The posterior mean of the parameter change, d = D J^T alpha, [p], fp64. The caller disposes it.</summary>
    torch.Tensor MeanParameters();

    /// <summary>Draws parameter changes from the posterior: the function of draw s is m(x) + J(x) d_s, at any x.</summary>
    /// <param name="count">The number of draws.</param>
    /// <param name="seed">Draw s depends on the seed and s only.</param>
    /// <returns>[p, count], fp64; the caller disposes it.</returns>
    torch.Tensor SampleParameters(int count, int seed);

    /// <summary>Predicts the latent function.</summary>
    /// <param name="at">The Jacobian at the inputs to predict; same network, dtype and device. Borrowed for the call.</param>
    /// <param name="kind">How much of the distribution.</param>
    /// <returns>The caller disposes it.</returns>
    PosteriorPrediction Predict(JacobianFactors at, PredictionKind kind);
}
