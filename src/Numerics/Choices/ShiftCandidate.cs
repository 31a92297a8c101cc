using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

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
    private SharedNoise _noise = new(1, TaskSpread.None);
    private double _scale;

    public string Name => name;

    public void Load(IReadOnlyList<TaskData> tasks, IComputeSlices slices) =>
        _spectra = slices.Each(tasks.Count, 1e6, t => SpectrumOf(FleetResiduals.Residuals(source, tasks[t])));

    public void Learn(IReadOnlyList<double> weights, SharedNoise noise, IComputeSlices slices) =>
        (_noise, _scale) = (noise, CandidateEvidence.BestScale(_spectra, noise, weights));

    public double[] LogEvidences(IComputeSlices slices) => Array.ConvertAll(_spectra, Evidence);

    public double LogEvidence(TaskData data) => Evidence(SpectrumOf(FleetResiduals.Residuals(source, data)));

    public ITaskModel Model(TaskData data)
    {
        double[] residuals = FleetResiduals.Residuals(source, data);
        TaskFactors factors = CandidateEvidence.Factors(SpectrumOf(residuals), _scale, _noise);
        double noise = _noise.Variance * factors.Noise;
        double signal = data.Rows * _scale * factors.Scale;
        double trust = signal / (signal + noise);
        var shift = new double[source.Model.Spec.Outputs];
        for (int i = 0; i < residuals.Length; i++)
        {
            shift[i % shift.Length] += trust * residuals[i] / data.Rows;
        }

        return new ShiftedModel(source, shift, noise, noise * trust / data.Rows);
    }

    public void Dispose()
    {
    }

    private double Evidence(Spectrum spectrum) => CandidateEvidence.Of(spectrum, _scale, _noise);

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
