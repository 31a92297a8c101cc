using AdaptCluster.Numerics.Jacobians;
using TorchSharp;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>What predictions come from, however it was computed. Standardised units, fp64. One thread at a time.</summary>
public interface IPredictivePosterior : IDisposable
{
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
