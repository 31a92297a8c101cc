using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Spreads;

/// <summary>
/// A task's residuals in the eigenbasis of its kernel: under the covariance theta K + sigma^2 I they are independent, whatever theta and sigma^2.
/// </summary>
/// <param name="Values">The eigenvalues, not negative.</param>
/// <param name="Squares">Per eigenvalue the sum of the squared residuals along its directions.</param>
/// <param name="Counts">Per eigenvalue how many numbers that sum has.</param>
internal sealed record Spectrum(double[] Values, double[] Squares, double[] Counts)
{
    /// <summary>The number of observed numbers.</summary>
    internal double Count { get; } = Counts.Sum();

    /// <summary>What is added to a log density because the residuals were scaled before: -1/2 of the logarithm of the determinant.</summary>
    internal double Offset { get; init; }

    /// <summary>Of one kernel, [N, N] fp64, and residuals [N, c] that share it; c = 1 where the kernel couples the outputs.</summary>
    internal static Spectrum Of(torch.Tensor kernel, torch.Tensor residuals)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return Batch(kernel.unsqueeze(0), residuals.unsqueeze(0))[0];
    }

    /// <summary>Of T kernels of one size, [T, N, N] fp64, and their residuals, [T, N, c].</summary>
    internal static Spectrum[] Batch(torch.Tensor kernels, torch.Tensor residuals)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int tasks = (int)kernels.shape[0];
        int n = (int)kernels.shape[1];
        (torch.Tensor values, torch.Tensor vectors) = torch.linalg.eigh(kernels);
        double[] lambda = TensorInterop.ToDoubles(values);
        double[] squares = TensorInterop.ToDoubles(torch.bmm(vectors.transpose(1, 2), residuals).square().sum(dim: 2));
        double[] counts = [.. Enumerable.Repeat((double)residuals.shape[2], n)];
        var spectra = new Spectrum[tasks];
        for (int t = 0; t < tasks; t++)
        {
            spectra[t] = new Spectrum(Array.ConvertAll(lambda[(t * n)..((t + 1) * n)], v => Math.Max(v, 0)), squares[(t * n)..((t + 1) * n)], counts);
        }

        return spectra;
    }

    /// <summary>Independent parts of one task as one.</summary>
    internal static Spectrum Join(IReadOnlyList<Spectrum> parts) => parts.Count == 1
        ? parts[0]
        : new Spectrum([.. parts.SelectMany(p => p.Values)], [.. parts.SelectMany(p => p.Squares)], [.. parts.SelectMany(p => p.Counts)])
        {
            Offset = parts.Sum(p => p.Offset),
        };

    /// <summary>The spectrum under which theta and sigma^2 mean what theta times the scale factor and sigma^2 times the noise factor mean under this one.</summary>
    internal Spectrum Moved(TaskFactors factors) => factors == TaskFactors.Fleet
        ? this
        : new Spectrum(Array.ConvertAll(Values, v => v * (factors.Scale / factors.Noise)), Array.ConvertAll(Squares, s => s / factors.Noise), Counts)
        {
            Offset = Offset - (0.5 * Count * Math.Log(factors.Noise)),
        };
}
