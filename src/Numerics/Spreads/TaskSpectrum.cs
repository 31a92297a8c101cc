using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Spreads;

/// <summary>A task's spectrum under a prior: the eigenvalues of Sigma^-1/2 J D J^T Sigma^-1/2, and the residuals along its eigenvectors.</summary>
internal static class TaskSpectrum
{
    /// <summary>Up to so many observations a spectrum takes some milliseconds.</summary>
    internal const int MostObservations = 256;

    /// <summary>Of factors and targets; null where they are not finite.</summary>
    /// <param name="train">The Jacobian at the task's rows, few enough.</param>
    /// <param name="targets">[n, c], standardised.</param>
    /// <param name="prior">Scales, noise, shift and directions.</param>
    internal static Spectrum? Of(JacobianFactors train, torch.Tensor targets, Prior prior)
    {
        if (prior.Coupling == OutputCoupling.Full || train.Outputs == 1)
        {
            return OfCoupled(train, targets, prior);
        }

        var parts = new List<Spectrum>(train.Outputs);
        for (int o = 0; o < train.Outputs; o++)
        {
            using JacobianFactors rows = train.OfOutput(o);
            using torch.Tensor column = targets.narrow(1, o, 1).contiguous();
            if (OfCoupled(rows, column, prior.ForOutput(o)) is not { } part)
            {
                return null;
            }

            parts.Add(part);
        }

        return Spectrum.Join(parts);
    }

    /// <summary>Of a kernel without noise, packed, and residuals; both are lost.</summary>
    /// <param name="kernel">J D J^T.</param>
    /// <param name="residuals">y - m - J d0.</param>
    /// <param name="noise">The diagonal of Sigma.</param>
    internal static Spectrum? OfPacked(Span<double> kernel, Span<double> residuals, ReadOnlySpan<double> noise)
    {
        int n = residuals.Length;
        var roots = new double[n];
        double logarithms = 0;
        for (int i = 0; i < n; i++)
        {
            roots[i] = 1 / Math.Sqrt(noise[i]);
            logarithms += Math.Log(noise[i]);
        }

        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            residuals[i] *= roots[i];
            for (int j = i; j < n; j++)
            {
                kernel[start + j - i] *= roots[i] * roots[j];
            }
        }

        return PackedSpectrum.Of(kernel, residuals) is { } spectrum ? spectrum with { Offset = -0.5 * logarithms } : null;
    }

    private static Spectrum? OfCoupled(JacobianFactors train, torch.Tensor targets, Prior prior)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Observations observations = Observations.Create(train, targets, prior, default);
        int n = observations.Count;
        ReadOnlySpan<double> kernel = TensorInterop.View(PriorFunctions.Covariance(train, prior));
        var packed = new double[PackedMatrix.Length(n)];
        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            kernel.Slice((i * n) + i, n - i).CopyTo(packed.AsSpan(start));
        }

        return OfPacked(packed, observations.Residuals, observations.Noise);
    }
}
