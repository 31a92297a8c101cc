using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Numerics.Choices;

/// <summary>The source network plus a Gaussian process with an RBF kernel on the inputs, whose lengthscale and scale are the fleet's.</summary>
internal sealed class ResidualCandidate(SourceNetwork source) : ICandidate
{
    private RbfTasks? _tasks;
    private RbfSettings _settings = new(1, 0, 1, 0);

    public string Name => CandidateNames.Residual;

    public void Load(IReadOnlyList<TaskData> tasks, IComputeSlices slices)
    {
        double[][] residuals = slices.Each(tasks.Count, 1e6, t => RbfModel.ResidualsOf(source, tasks[t], aroundSource: true));
        double[][,] inputs = [.. tasks.Select(task => RbfKernel.Rows(source.Model.InputStandardisation.Apply(task.Inputs)))];
        _tasks = new RbfTasks(inputs, residuals, source.Model.Spec.Outputs, slices, source.Device);
    }

    public void Learn(IReadOnlyList<double> weights, double noiseVariance, IComputeSlices slices) =>
        _settings = Loaded().Fit(weights, slices, noiseVariance);

    public double[] LogEvidences(IComputeSlices slices) => Array.ConvertAll(Loaded().Spectra(_settings.Lengthscale, slices), Evidence);

    public (double LogEvidence, ITaskModel Model) Fit(TaskData data)
    {
        double[,] inputs = RbfKernel.Rows(source.Model.InputStandardisation.Apply(data.Inputs));
        using var task = new RbfTasks([inputs], [RbfModel.ResidualsOf(source, data, aroundSource: true)], source.Model.Spec.Outputs, null, source.Device);
        double evidence = Evidence(task.Spectra(_settings.Lengthscale, null)[0]);
        return (evidence, new RbfModel(source, data, _settings, aroundSource: true));
    }

    public void Dispose() => _tasks?.Dispose();

    private RbfTasks Loaded() => _tasks ?? throw new InvalidOperationException("The tasks come first: call Load.");

    private double Evidence(Spectrum spectrum) => SpectralEvidence.Value(spectrum, _settings.Scale, _settings.NoiseVariance);
}
