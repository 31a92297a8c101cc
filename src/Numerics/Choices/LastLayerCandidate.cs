using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Choices;

/// <summary>The last layer moves, with one scale for all of it: Bayesian linear regression on its features, around the source network.</summary>
/// <param name="lastLayer">The network with only its last layer adapted; borrowed.</param>
internal sealed class LastLayerCandidate(SourceNetwork lastLayer) : ICandidate
{
    private Spectrum[] _spectra = [];
    private SpectralFit _fit = new(0, 1, 0);

    public string Name => CandidateNames.LastLayer;

    public void Load(IReadOnlyList<TaskData> tasks, IComputeSlices slices) => _spectra = slices.Each(tasks.Count, 1e6, t => SpectrumOf(tasks[t]));

    public void Learn(IReadOnlyList<double> weights, double noiseVariance, IComputeSlices slices) =>
        _fit = SpectralEvidence.MaximiseScale(_spectra, noiseVariance, weights);

    public double[] LogEvidences(IComputeSlices slices) => Array.ConvertAll(_spectra, s => SpectralEvidence.Value(s, _fit.Scale, _fit.NoiseVariance));

    public (double LogEvidence, ITaskModel Model) Fit(TaskData data)
    {
        var model = new PosteriorModel(TaskPosterior.Fit(lastLayer, data, Prior.Uniform(lastLayer.Model.Spec, _fit.Scale, _fit.NoiseVariance)));
        return (model.LogEvidence, model);
    }

    public void Dispose()
    {
    }

    private Spectrum SpectrumOf(TaskData data)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using JacobianFactors factors = lastLayer.Linearise(data.Inputs);
        double[] residuals = FleetResiduals.Residuals(lastLayer, data);
        torch.Tensor kernel = factors.Gram([.. Enumerable.Repeat(1.0, factors.Spec.Blocks.Length)]).to(torch.ScalarType.Float64);
        return Spectrum.Of(kernel, TensorInterop.FromDoubles(residuals, [residuals.Length, 1], torch.ScalarType.Float64, lastLayer.Device));
    }
}
