using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>The checked right-hand side of one task in managed memory: residuals to the prior mean and noise variances, index i c + o.</summary>
internal sealed class Observations
{
    private Observations(double[] targets, double[] residuals, double[] noise)
    {
        Targets = targets;
        Residuals = residuals;
        Noise = noise;
    }

    /// <summary>y, [N], standardised.</summary>
    internal double[] Targets { get; }

    /// <summary>y - m, [N], m with the prior's shift.</summary>
    internal double[] Residuals { get; }

    /// <summary>The diagonal of Sigma, [N].</summary>
    internal double[] Noise { get; }

    internal int Count => Targets.Length;

    internal static Observations Create(JacobianFactors train, torch.Tensor targets, Prior prior, ReadOnlySpan<double> noiseScale)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(prior);
        prior.Validate(train.Spec);
        if (targets.dim() != 2 || targets.shape[0] != train.Rows || targets.shape[1] != train.Outputs)
        {
            throw new ArgumentException($"Targets of shape [{train.Rows}, {train.Outputs}] are needed, not [{string.Join(", ", targets.shape)}].", nameof(targets));
        }

        if (!noiseScale.IsEmpty && noiseScale.Length != train.Rows)
        {
            throw new ArgumentException($"One noise multiplier per row is needed ({train.Rows}), not {noiseScale.Length}.", nameof(noiseScale));
        }

        double[] y = TensorInterop.ToDoubles(targets);
        double[] residuals = [.. y];
        if (prior.Mean == PriorMean.Source)
        {
            double[] mean = TensorInterop.ToDoubles(train.Output);
            for (int i = 0; i < y.Length; i++)
            {
                residuals[i] -= mean[i];
            }
        }

        if (!prior.Shift.IsEmpty)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            double[] shift = TensorInterop.ToDoubles(PriorFunctions.ShiftAt(train, prior)!);
            for (int i = 0; i < y.Length; i++)
            {
                residuals[i] -= shift[i];
            }
        }

        if (Array.Exists(residuals, r => !double.IsFinite(r)))
        {
            throw new ArgumentException("The targets must be finite.", nameof(targets));
        }

        return new Observations(y, residuals, NoiseDiagonal(train, prior, noiseScale));
    }

    private static double[] NoiseDiagonal(JacobianFactors train, Prior prior, ReadOnlySpan<double> noiseScale)
    {
        int c = train.Outputs;
        var noise = new double[train.Count];
        for (int i = 0; i < noise.Length; i++)
        {
            double scale = noiseScale.IsEmpty ? 1 : noiseScale[i / c];
            if (!double.IsFinite(scale) || scale <= 0)
            {
                throw new ArgumentException($"The noise multiplier of row {i / c} must be finite and positive, but is {scale}.", nameof(noiseScale));
            }

            noise[i] = prior.NoiseOf(i % c) * scale;
        }

        return noise;
    }
}
