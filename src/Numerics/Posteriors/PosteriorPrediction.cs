using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>A prediction of the latent function (without observation noise) in standardised units, fp64, on the posterior's device. Owns its tensors.</summary>
public sealed class PosteriorPrediction : IDisposable
{
    internal PosteriorPrediction(torch.Tensor mean, torch.Tensor? variance, torch.Tensor? covariance)
    {
        Mean = TensorInterop.Own(mean);
        Variance = variance is null ? null : TensorInterop.Own(variance);
        Covariance = covariance is null ? null : TensorInterop.Own(covariance);
    }

    /// <summary>The mean, [m, c].</summary>
    public torch.Tensor Mean { get; }

    /// <summary>The latent variance, [m, c], not negative; null for <see cref="PredictionKind.Mean"/>.</summary>
    public torch.Tensor? Variance { get; }

    /// <summary>The latent covariance, [m c, m c], row index i c + o; only for <see cref="PredictionKind.Joint"/>.</summary>
    public torch.Tensor? Covariance { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Mean.Dispose();
        Variance?.Dispose();
        Covariance?.Dispose();
    }
}
