using AdaptCluster.Numerics.Spreads;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>
/// The tasks that one RBF kernel is fitted to, as squared distances and residuals on the device, tasks of one size together. The lengthscale is
/// searched on a grid over ten octaves around the median distance and then by golden section; the scale and the noise follow from the
/// spectra at each (<see cref="SpectralEvidence"/>). Owns its tensors.
/// </summary>
/// <remarks>Deviation from the usual gradient steps from several starts: the search is global up to its grid.</remarks>
internal sealed class RbfTasks : IDisposable
{
    private const int GridPoints = 21;
    private const double Octaves = 5; // around the median distance, both ways
    private const long BatchNumbers = 1L << 20;
    private readonly List<(int[] Tasks, torch.Tensor Distances, torch.Tensor Residuals)> _batches = [];
    private readonly int _count;

    /// <param name="inputs">Per task [n, d], standardised.</param>
    /// <param name="residuals">Per task n c numbers, index i c + o.</param>
    /// <param name="outputs">c.</param>
    /// <param name="slices">Where the tensors are made; null where this is within a slice already.</param>
    /// <param name="device">Where they live.</param>
    internal RbfTasks(IReadOnlyList<double[,]> inputs, IReadOnlyList<double[]> residuals, int outputs, IComputeSlices? slices, torch.Device device)
    {
        _count = inputs.Count;
        var medians = new List<double>();
        foreach (IGrouping<int, int> size in Enumerable.Range(0, inputs.Count).GroupBy(t => inputs[t].GetLength(0)).OrderBy(g => g.Key))
        {
            int n = size.Key;
            int most = (int)Math.Clamp(BatchNumbers / ((long)n * n), 1, 256);
            foreach (int[] tasks in size.Chunk(most))
            {
                _batches.Add(slices is null ? Batch() : slices.Run(0, Batch));

                (int[], torch.Tensor, torch.Tensor) Batch()
                {
                    using DisposeScope scope = torch.NewDisposeScope();
                    double[] x = [.. tasks.SelectMany(t => inputs[t].Cast<double>())];
                    double[] r = [.. tasks.SelectMany(t => residuals[t])];
                    torch.Tensor points = TensorInterop.FromDoubles(x, [tasks.Length, n, inputs[tasks[0]].GetLength(1)], torch.ScalarType.Float64, device);
                    torch.Tensor distances = RbfKernel.SquaredDistances(points, points);
                    medians.AddRange(TensorInterop.ToDoubles(distances).Where(d => d > 0).Take(4096));
                    return (tasks, TensorInterop.Own(distances), TensorInterop.Own(TensorInterop.FromDoubles(r, [tasks.Length, n, outputs], torch.ScalarType.Float64, device)));
                }
            }
        }

        medians.Sort();
        MedianDistance = medians.Count == 0 ? 1 : Math.Sqrt(medians[medians.Count / 2]);
    }

    /// <summary>The middle one of the distances between two points of a task, 1 where there are none.</summary>
    internal double MedianDistance { get; }

    public void Dispose()
    {
        foreach ((_, torch.Tensor distances, torch.Tensor residuals) in _batches)
        {
            distances.Dispose();
            residuals.Dispose();
        }
    }

    /// <summary>Fits the kernel that all tasks share.</summary>
    /// <param name="weights">Optional, one per task: how much it counts.</param>
    /// <param name="slices">Where; null within a slice.</param>
    /// <param name="noiseVariance">The noise where it is known; null: fitted too.</param>
    internal RbfSettings Fit(IReadOnlyList<double>? weights, IComputeSlices? slices, double? noiseVariance = null)
    {
        var known = new Dictionary<double, SpectralFit>();
        SpectralFit At(double logLength)
        {
            if (!known.TryGetValue(logLength, out SpectralFit? fit))
            {
                Spectrum[] spectra = Spectra(Math.Exp(logLength), slices);
                fit = noiseVariance is { } noise ? SpectralEvidence.MaximiseScale(spectra, noise, weights) : SpectralEvidence.Maximise(spectra, weights);
                known.Add(logLength, fit);
            }

            return fit;
        }

        double centre = Math.Log(MedianDistance);
        double reach = Octaves * Math.Log(2);
        double best = LineSearch.Maximise(x => At(x).LogEvidence, centre - reach, centre + reach, GridPoints, 0.01);
        SpectralFit found = At(best);
        return new RbfSettings(Math.Exp(best), found.Scale, found.NoiseVariance, found.LogEvidence);
    }

    /// <summary>Every task's residuals in the eigenbasis of its kernel of unit scale.</summary>
    internal Spectrum[] Spectra(double lengthscale, IComputeSlices? slices)
    {
        var spectra = new Spectrum[_count];
        foreach ((int[] tasks, torch.Tensor distances, torch.Tensor residuals) in _batches)
        {
            double n = distances.shape[1];
            Spectrum[] made = slices is null ? Make() : slices.Run(tasks.Length * 10 * n * n * n, Make);
            for (int i = 0; i < tasks.Length; i++)
            {
                spectra[tasks[i]] = made[i];
            }

            Spectrum[] Make()
            {
                using DisposeScope scope = torch.NewDisposeScope();
                return Spectrum.Batch(RbfKernel.Of(distances, lengthscale), residuals);
            }
        }

        return spectra;
    }
}
