using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>A model of one task. One thread at a time.</summary>
public interface ITaskModel : IDisposable
{
    /// <summary>Predicts observations.</summary>
    /// <param name="inputs">[m, d], in the data's units, finite.</param>
    Forecast Predict(RowMatrix inputs);
}
