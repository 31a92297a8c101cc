using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>
/// A Gaussian process on the task's own rows: RBF kernel with one lengthscale on the standardised inputs, zero mean in the source's standardised units,
/// lengthscale, scale and noise by the evidence of the one task. Tasks above <see cref="FittedRows"/> rows are fitted on a seeded sample and then conditioned on all.
/// </summary>
internal sealed class RbfProcess(SourceNetwork source, int seed) : IAdaptationMethod
{
    internal const int FittedRows = 256;

    public string Name => MethodNames.Rbf;

    public void Learn(IReadOnlyList<TaskData> tasks, IComputeSlices slices)
    {
    }

    public ITaskModel Adapt(TaskData data) => new RbfModel(source, data, SettingsOf(data), aroundSource: false);

    public void Dispose()
    {
    }

    internal RbfSettings SettingsOf(TaskData data)
    {
        TaskData fitted = data.Rows <= FittedRows ? data : data.SelectRows(new SeededRandom(seed, data.Rows).Permutation(data.Rows).AsSpan(0, FittedRows));
        double[,] inputs = RbfKernel.Rows(source.Model.InputStandardisation.Apply(fitted.Inputs));
        double[] residuals = RbfModel.ResidualsOf(source, fitted, aroundSource: false);
        using var tasks = new RbfTasks([inputs], [residuals], source.Model.Spec.Outputs, null, source.Device);
        return tasks.Fit(null, null);
    }
}
