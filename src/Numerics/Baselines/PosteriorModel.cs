using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>A posterior of the linearised network as a task's model; owns it.</summary>
internal sealed class PosteriorModel(TaskPosterior posterior) : ITaskModel
{
    public Forecast Predict(RowMatrix inputs) => Forecast.Of(posterior.Predict(inputs));

    public void Dispose() => posterior.Dispose();
}
