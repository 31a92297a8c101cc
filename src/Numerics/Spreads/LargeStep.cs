using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Spreads;

/// <summary>
/// Steps of the average information for the noise and scale of one task with hundreds of observations: C = e^b K + e^a Sigma is factorised at each. In the
/// caller's dispose scope.
/// </summary>
/// <param name="kernel">K, [N, N], fp64.</param>
/// <param name="observations">Residuals and Sigma.</param>
/// <param name="prior">What is believed about a and b.</param>
internal sealed class LargeStep(torch.Tensor kernel, Observations observations, SpreadPrior prior)
{
    private readonly torch.Tensor _noise = TensorInterop.FromDoubles(observations.Noise, [observations.Count, 1], torch.ScalarType.Float64, kernel.device);
    private readonly torch.Tensor _residuals = TensorInterop.FromDoubles(observations.Residuals, [observations.Count, 1], torch.ScalarType.Float64, kernel.device);

    /// <summary>The step from a point, and the variances of a and b there; 0 for what is held.</summary>
    /// <exception cref="Errors.NotPositiveDefiniteException">C has no factor.</exception>
    internal (double Noise, double Scale, double NoiseVariance, double ScaleVariance) At(double a, double b)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using torch.Tensor scale = torch.tensor(Math.Exp(b), dtype: torch.ScalarType.Float64, device: kernel.device);
        using torch.Tensor factor = torch.tensor(Math.Exp(a), dtype: torch.ScalarType.Float64, device: kernel.device);
        torch.Tensor covariance = kernel * scale;
        torch.Tensor noise = _noise * factor;
        covariance.diagonal().add_(noise.view(-1), Scalars.One);
        (torch.Tensor root, _) = Factorisation.Cholesky(covariance, "covariance of the observations");
        torch.Tensor alpha = _residuals.cholesky_solve(root);
        torch.Tensor ofNoise = noise * alpha;
        torch.Tensor ofScale = _residuals - ofNoise; // e^b K alpha
        torch.Tensor both = torch.cat([ofNoise, ofScale], dim: 1);
        torch.Tensor whitened = torch.linalg.solve_triangular(root, both, upper: false);
        double[] information = TensorInterop.ToDoubles(torch.mm(whitened.t(), whitened));
        double[] pulls = TensorInterop.ToDoubles(torch.mm(alpha.t(), both));
        double noiseTrace = TensorInterop.ToDoubles(torch.mm(root.cholesky_inverse().diagonal().view(1, -1), noise))[0];
        double trust = prior.Trust;
        double gradientA = (0.5 * trust * (pulls[0] - noiseTrace)) - ((a - prior.NoiseCentre) * Precision(prior.NoiseDeviation));
        double gradientB = (0.5 * trust * (pulls[1] - (observations.Count - noiseTrace))) - ((b - prior.ScaleCentre) * Precision(prior.ScaleDeviation));
        double aa = (0.5 * trust * information[0]) + Precision(prior.NoiseDeviation);
        double ab = 0.5 * trust * information[1];
        double bb = (0.5 * trust * information[3]) + Precision(prior.ScaleDeviation);
        if (prior.NoiseDeviation == 0)
        {
            return (0, gradientB / bb, 0, 1 / bb);
        }

        if (prior.ScaleDeviation == 0)
        {
            return (gradientA / aa, 0, 1 / aa, 0);
        }

        double determinant = (aa * bb) - (ab * ab);
        return (((bb * gradientA) - (ab * gradientB)) / determinant, ((aa * gradientB) - (ab * gradientA)) / determinant, bb / determinant, aa / determinant);
    }

    private static double Precision(double deviation) => deviation == 0 ? 0 : 1 / (deviation * deviation);
}
