using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>
/// The log evidence of one task and its gradient, in function space and fp64:
/// L = -1/2 r^T alpha - 1/2 log|C| - N/2 log 2 pi, dL/dlog theta_b = theta_b/2 (alpha^T K_b alpha - tr(C^-1 K_b)).
/// </summary>
public static class Evidence
{
    /// <summary>Value and gradient: about twice the Gram matrix plus N^3 flops; no block's kernel is kept.</summary>
    /// <param name="train">The Jacobian at the observed inputs.</param>
    /// <param name="targets">[n, c], standardised, any floating dtype.</param>
    /// <param name="prior">Where to evaluate.</param>
    /// <param name="noiseScale">Optional, length n: multiplies the noise variance of that row's observations.</param>
    /// <exception cref="ArgumentException">A shape does not fit or a value is out of range.</exception>
    /// <exception cref="NotPositiveDefiniteException">C could not be factorised.</exception>
    public static EvidenceValue Evaluate(JacobianFactors train, torch.Tensor targets, Prior prior, ReadOnlySpan<double> noiseScale = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(prior);
        return prior.Coupling == OutputCoupling.Independent && train.Outputs > 1
            ? OfIndependentOutputs(train, targets, prior, noiseScale)
            : Coupled(train, targets, prior, noiseScale);
    }

    /// <summary>-1/2 r^T alpha - sum log L_ii - N/2 log 2 pi.</summary>
    internal static double Value(double[] residuals, double[] alpha, double[] factorDiagonal)
    {
        double value = -0.5 * residuals.Length * Math.Log(2 * Math.PI);
        for (int i = 0; i < residuals.Length; i++)
        {
            value -= (0.5 * residuals[i] * alpha[i]) + Math.Log(factorDiagonal[i]);
        }

        return value;
    }

    private static EvidenceValue OfIndependentOutputs(JacobianFactors train, torch.Tensor targets, Prior prior, ReadOnlySpan<double> noiseScale)
    {
        ArgumentNullException.ThrowIfNull(targets);
        prior.Validate(train.Spec);
        double value = 0;
        var blocks = new double[prior.BlockScales.Length];
        var noises = new double[prior.NoiseVariance.Length];
        for (int o = 0; o < train.Outputs; o++)
        {
            using JacobianFactors rows = train.OfOutput(o);
            using torch.Tensor view = targets.narrow(1, o, 1);
            using torch.Tensor column = view.contiguous();
            EvidenceValue part = Coupled(rows, column, prior.ForOutput(o), noiseScale);
            value += part.LogEvidence;
            for (int b = 0; b < blocks.Length; b++)
            {
                blocks[b] += part.Gradient.LogBlockScales[b];
            }

            noises[noises.Length == 1 ? 0 : o] += part.Gradient.LogNoiseVariance[0];
        }

        return new EvidenceValue(value, new EvidenceGradient([.. blocks], [.. noises]), train.Count);
    }

    private static EvidenceValue Coupled(JacobianFactors train, torch.Tensor targets, Prior prior, ReadOnlySpan<double> noiseScale)
    {
        Observations observations = Observations.Create(train, targets, prior, noiseScale);
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor factor, _) = FunctionSpacePosterior.FactoriseCovariance(train, prior, observations);
        torch.Tensor residuals = TensorInterop.FromDoubles(observations.Residuals, [observations.Count, 1], torch.ScalarType.Float64, train.Device);
        torch.Tensor alpha = residuals.cholesky_solve(factor);
        torch.Tensor weights = torch.mm(alpha, alpha.t()).sub_(factor.cholesky_inverse());
        double[] diagonal = TensorInterop.ToDoubles(weights.diagonal());
        double[] contracted = TensorInterop.ToDoubles(train.ContractBlocks(weights.to(train.DType)));
        double value = Value(observations.Residuals, TensorInterop.ToDoubles(alpha), TensorInterop.ToDoubles(factor.diagonal()));
        return new EvidenceValue(value, Gradient(contracted, diagonal, observations.Noise, prior, train.Outputs), observations.Count);
    }

    internal static EvidenceGradient Gradient(double[] contracted, double[] diagonal, double[] noise, Prior prior, int outputs)
    {
        var blocks = new double[contracted.Length];
        for (int b = 0; b < blocks.Length; b++)
        {
            blocks[b] = 0.5 * prior.BlockScales[b] * contracted[b];
        }

        var noises = new double[prior.NoiseVariance.Length];
        for (int i = 0; i < diagonal.Length; i++)
        {
            noises[noises.Length == 1 ? 0 : i % outputs] += 0.5 * noise[i] * diagonal[i];
        }

        return new EvidenceGradient([.. blocks], [.. noises]);
    }
}
