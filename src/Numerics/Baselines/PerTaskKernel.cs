using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;
using TorchSharp;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>
/// Zero mean (in the source's standardised units), one scale and one noise, by the evidence of the one task. On all parameters: the neural tangent
/// kernel as in Maddox et al. 2021. On the last layer's alone: the adaptive Bayesian linear regression of Perrone et al., <em>Scalable Hyperparameter
/// Transfer Learning</em>, 2018.
/// </summary>
/// <remarks>
/// Deviations: the evidence is maximised globally (see <see cref="SpectralEvidence"/>) instead of by gradient steps; the features of ABLR are those of the
/// source network, trained on the fleet for squared error, and are not trained further for the evidence.
/// </remarks>
internal sealed class PerTaskKernel(string name, SourceNetwork network) : IAdaptationMethod
{
    public string Name => name;

    public void Learn(IReadOnlyList<TaskData> tasks, IComputeSlices slices)
    {
    }

    public ITaskModel Adapt(TaskData data) => new PosteriorModel(TaskPosterior.Fit(network, data, PriorOf(data)));

    public void Dispose()
    {
    }

    internal Prior PriorOf(TaskData data)
    {
        NetworkSpec spec = network.Model.Spec;
        using DisposeScope scope = torch.NewDisposeScope();
        using JacobianFactors factors = network.Linearise(data.Inputs);
        double[] ones = [.. Enumerable.Repeat(1.0, spec.Blocks.Length)];
        torch.Tensor targets = TaskPosterior.StandardisedTargets(network, data).view(-1, 1);
        torch.Tensor kernel = factors.Gram(ones).to(torch.ScalarType.Float64);
        SpectralFit fit = SpectralEvidence.Maximise([Spectrum.Of(kernel, targets)]);
        return Prior.Uniform(spec, fit.Scale, fit.NoiseVariance, PriorMean.Zero);
    }
}
