using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Numerics.Choices;

/// <summary>
/// The source network plus one constant per output, b ~ N(0, tau^2), and noise; without a constant, the source network alone. tau^2 is the fleet's.
/// </summary>
/// <param name="name">What it is called.</param>
/// <param name="source">The network; borrowed.</param>
/// <param name="shifts">Whether there is a constant.</param>
internal sealed class ShiftCandidate(string name, SourceNetwork source, bool shifts) : ICandidate
{
    private Spectrum[] _spectra = [];
    private SpectralFit _fit = new(0, 1, 0);

    public string Name => name;

    public void Load(IReadOnlyList<TaskData> tasks, IComputeSlices slices) =>
        _spectra = slices.Each(tasks.Count, 1e6, t => SpectrumOf(FleetResiduals.Residuals(source, tasks[t])));

    public void Learn(IReadOnlyList<double> weights, double noiseVariance, IComputeSlices slices) =>
        _fit = SpectralEvidence.MaximiseScale(_spectra, noiseVariance, weights);

    public double[] LogEvidences(IComputeSlices slices) => Array.ConvertAll(_spectra, Evidence);

    public (double LogEvidence, ITaskModel Model) Fit(TaskData data)
    {
        double[] residuals = FleetResiduals.Residuals(source, data);
        var shift = new double[source.Model.Spec.Outputs];
        double trust = data.Rows * _fit.Scale / ((data.Rows * _fit.Scale) + _fit.NoiseVariance);
        for (int i = 0; i < residuals.Length; i++)
        {
            shift[i % shift.Length] += trust * residuals[i] / data.Rows;
        }

        double variance = _fit.NoiseVariance * trust / data.Rows;
        return (Evidence(SpectrumOf(residuals)), new ShiftedModel(source, shift, _fit.NoiseVariance, variance));
    }

    public void Dispose()
    {
    }

    private double Evidence(Spectrum spectrum) => SpectralEvidence.Value(spectrum, _fit.Scale, _fit.NoiseVariance);

    // The kernel of a constant is of rank one: eigenvalue n along the mean, 0 along all else.
    private Spectrum SpectrumOf(double[] residuals)
    {
        int c = source.Model.Spec.Outputs;
        double n = residuals.Length / c;
        double all = residuals.Sum(r => r * r);
        if (!shifts)
        {
            return new Spectrum([0], [all], [residuals.Length]);
        }

        double along = 0;
        for (int o = 0; o < c; o++)
        {
            double sum = residuals.Where((_, i) => i % c == o).Sum();
            along += sum * sum / n;
        }

        return new Spectrum([n, 0], [along, Math.Max(all - along, 0)], [c, residuals.Length - c]);
    }
}
