using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.Choices;

/// <summary>A mixture of candidates as a method: its likeliest candidate, or all of them by their probability.</summary>
/// <param name="mixture">Shared by both; borrowed.</param>
/// <param name="combines">Whether all candidates predict together.</param>
internal sealed class ChoiceMethod(CandidateMixture mixture, bool combines) : IAdaptationMethod
{
    public string Name => combines ? MethodNames.Combined : MethodNames.Chosen;

    public void Learn(IReadOnlyList<TaskData> tasks, IComputeSlices slices) => mixture.Learn(tasks, slices);

    public ITaskModel Adapt(TaskData data)
    {
        MixtureModel model = mixture.Fit(data, combines);
        return new Model(model, mixture.Names[model.Likeliest], combines);
    }

    public void Dispose()
    {
    }

    private sealed class Model(MixtureModel model, string choice, bool combines) : IChoosingModel
    {
        public string Choice => choice;

        public Forecast Predict(RowMatrix inputs) => combines ? model.Predict(inputs) : model.PredictByLikeliest(inputs);

        public void Dispose() => model.Dispose();
    }
}
