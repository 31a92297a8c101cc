using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.Choices;

/// <summary>The last layer moves, with one scale for all of it: Bayesian linear regression on its features, around the source network.</summary>
/// <param name="lastLayer">The network with only its last layer adapted; borrowed.</param>
internal sealed class LastLayerCandidate(SourceNetwork lastLayer) : ICandidate
{
    private readonly Prior _unit = Prior.Uniform(lastLayer.Model.Spec, 1, 1);
    private Spectrum[] _spectra = [];
    private SharedNoise _noise = new(1, TaskSpread.None);
    private double _scale;

    public string Name => CandidateNames.LastLayer;

    public void Load(IReadOnlyList<TaskData> tasks, IComputeSlices slices) => _spectra = slices.Each(tasks.Count, 1e6, t => SpectrumOf(tasks[t]));

    public void Learn(IReadOnlyList<double> weights, SharedNoise noise, IComputeSlices slices) =>
        (_noise, _scale) = (noise, CandidateEvidence.BestScale(_spectra, noise, weights));

    public double[] LogEvidences(IComputeSlices slices) => Array.ConvertAll(_spectra, s => CandidateEvidence.Of(s, _scale, _noise));

    public double LogEvidence(TaskData data) => CandidateEvidence.Of(SpectrumOf(data), _scale, _noise);

    public ITaskModel Model(TaskData data) => new PosteriorModel(
        TaskPosterior.Fit(lastLayer, data, Prior.Uniform(lastLayer.Model.Spec, _scale, _noise.Variance) with { Spread = _noise.Spread }));

    public void Dispose()
    {
    }

    private Spectrum SpectrumOf(TaskData data) => OwnSpread.SpectrumOf(lastLayer, data, _unit)
        ?? throw new Errors.NotPositiveDefiniteException("kernel of the last layer", data.Rows, 0);
}
