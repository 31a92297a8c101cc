using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>One task of a batch, and how its own prior differs from the one that the batch shares.</summary>
/// <param name="Data">Its rows, in the data's units.</param>
public sealed record BatchTask(TaskData Data)
{
    /// <summary>Multiplies the prior's noise variance; positive. Default: 1.</summary>
    public double NoiseFactor { get; init; } = 1;

    /// <summary>Multiplies the prior covariance of the parameters, scales and directions alike; positive. Default: 1.</summary>
    public double ScaleFactor { get; init; } = 1;
}
