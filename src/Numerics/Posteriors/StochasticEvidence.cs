using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Priors;
using TorchSharp;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>
/// The log evidence of one task and its gradient where N is too large for a factorisation: the same quantities as <see cref="Evidence"/>, estimated from
/// products with the kernel, which is never formed. One block of conjugate gradients solves for the residuals and for random probes z ~ N(0, P):
/// log|C| = log|P| + E[z^T P^-1/2 log(P^-1/2 C P^-1/2) P^-1/2 z], tr(C^-1 dC) = E[(C^-1 z)^T dC P^-1 z]; P is a partial pivoted Cholesky of the kernel
/// plus the noise.
/// </summary>
/// <remarks>
/// Gardner et al., <em>GPyTorch: Blackbox Matrix-Matrix Gaussian Process Inference</em>, NeurIPS 2018; Ubaru, Chen and Saad 2017.
/// Deviations: the rank of P follows from the noise; standard errors and the solver's status are part of the answer.
/// </remarks>
public static class StochasticEvidence
{
    /// <summary>
    /// Value and gradient: per iteration about 4 N p (probes + 1) flops, and p (2 probes + 1) numbers of memory. In the dtype of the factors with vectors in fp64.
    /// </summary>
    /// <param name="train">The Jacobian at the observed inputs.</param>
    /// <param name="targets">[n, c], standardised, any floating dtype.</param>
    /// <param name="prior">Where to evaluate.</param>
    /// <param name="options">Probes, seed, tolerance and limits; null for the defaults.</param>
    /// <param name="noiseScale">Optional, length n: multiplies the noise variance of that row's observations.</param>
    /// <returns>The estimates with their standard errors. Look at the status: what did not converge is no answer.</returns>
    /// <exception cref="ArgumentException">A shape does not fit or a value is out of range.</exception>
    public static StochasticEvidenceValue Evaluate(
        JacobianFactors train, torch.Tensor targets, Prior prior, StochasticEvidenceOptions? options = null, ReadOnlySpan<double> noiseScale = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(prior);
        options ??= new StochasticEvidenceOptions();
        options.Validate();
        if (prior.HasMoves)
        {
            throw new ArgumentException("The evidence with a learned shift or directions is not estimated by probes: use Evidence.Evaluate.", nameof(prior));
        }

        if (prior.Coupling != OutputCoupling.Independent || train.Outputs == 1)
        {
            return new EvidenceEstimator(train, Observations.Create(train, targets, prior, noiseScale), prior, options, stream: 0).Run();
        }

        ArgumentNullException.ThrowIfNull(targets);
        prior.Validate(train.Spec);
        StochasticEvidenceValue? sum = null;
        for (int o = 0; o < train.Outputs; o++)
        {
            using JacobianFactors rows = train.OfOutput(o);
            using torch.Tensor view = targets.narrow(1, o, 1);
            using torch.Tensor column = view.contiguous();
            Prior own = prior.ForOutput(o);
            StochasticEvidenceValue part = new EvidenceEstimator(rows, Observations.Create(rows, column, own, noiseScale), own, options, stream: o).Run();
            part = prior.NoiseVariance.Length == 1 ? part : AsOutput(part, o, train.Outputs);
            sum = sum is null ? part : StochasticEvidenceValue.Sum(sum, part);
        }

        return sum!;
    }

    // The noise of this output among those of all.
    private static StochasticEvidenceValue AsOutput(StochasticEvidenceValue part, int output, int outputs)
    {
        return part with
        {
            Value = part.Value with { Gradient = Placed(part.Value.Gradient) },
            GradientErrors = Placed(part.GradientErrors),
        };

        EvidenceGradient Placed(EvidenceGradient gradient)
        {
            var noises = new double[outputs];
            noises[output] = gradient.LogNoiseVariance[0];
            return gradient with { LogNoiseVariance = [.. noises] };
        }
    }
}
