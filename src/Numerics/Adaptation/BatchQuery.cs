using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>Rows to predict for one task of a batch.</summary>
/// <param name="Posterior">The task's posterior.</param>
/// <param name="Inputs">[m, d], in the data's units.</param>
public sealed record BatchQuery(DualPosterior Posterior, RowMatrix Inputs);
