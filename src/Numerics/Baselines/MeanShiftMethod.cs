using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>
/// The source network plus the mean residual, with a flat prior on it: the variance is s^2 (1 + 1/n). s^2 is the fleet's residual variance around each
/// task's own mean, which is what is left once a task was shifted.
/// </summary>
internal sealed class MeanShiftMethod(SourceNetwork source) : IAdaptationMethod
{
    private double _noise = double.NaN;

    public string Name => MethodNames.MeanShift;

    public void Learn(IReadOnlyList<TaskData> tasks, IComputeSlices slices) => _noise = FleetResiduals.Of(source, tasks, slices).WithinVariance;

    public ITaskModel Adapt(TaskData data)
    {
        double[] residuals = FleetResiduals.Residuals(source, data);
        var shift = new double[source.Model.Spec.Outputs];
        for (int i = 0; i < residuals.Length; i++)
        {
            shift[i % shift.Length] += residuals[i] / data.Rows;
        }

        return new ShiftedModel(source, shift, _noise, _noise / data.Rows);
    }

    public void Dispose()
    {
    }
}
