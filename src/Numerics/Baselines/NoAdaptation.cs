using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>The source network as it is; the noise is its mean squared residual over the fleet.</summary>
internal sealed class NoAdaptation(SourceNetwork source) : IAdaptationMethod
{
    private double _noise = double.NaN;

    public string Name => MethodNames.None;

    public void Learn(IReadOnlyList<TaskData> tasks, IComputeSlices slices) => _noise = FleetResiduals.Of(source, tasks, slices).SourceVariance;

    public ITaskModel Adapt(TaskData data) => new ShiftedModel(source, new double[source.Model.Spec.Outputs], _noise, 0);

    public void Dispose()
    {
    }
}
