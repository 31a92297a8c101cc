using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>This library's own way: the linearised network around the source's output, one scale per block and the noise by the evidence of the fleet.</summary>
internal sealed class FleetAdaptation(SourceNetwork source, FleetFitOptions options) : IAdaptationMethod
{
    private Prior? _prior;

    public string Name => MethodNames.Adapted;

    public void Learn(IReadOnlyList<TaskData> tasks, IComputeSlices slices)
    {
        FleetEvidence evidence = slices.Run(0, () => new FleetEvidence(source, tasks, options));
        try
        {
            _prior = new SlicedFleetEvidence(evidence, null, slices).Fit(source.Model.Spec, options);
        }
        finally
        {
            slices.Release(evidence.Dispose);
        }
    }

    public ITaskModel Adapt(TaskData data) =>
        new PosteriorModel(TaskPosterior.Fit(source, data, _prior ?? throw new InvalidOperationException("The fleet comes first: call Learn.")));

    public void Dispose()
    {
    }
}
