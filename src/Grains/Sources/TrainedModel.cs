using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Sources;

/// <summary>The end of a training.</summary>
/// <param name="Model">The network with its standardisations.</param>
/// <param name="Summary">How it went, in the target's own units.</param>
/// <param name="TrainingLoss">Mean squared error on the rows trained on, standardised units.</param>
/// <param name="ValidationVariance">Mean squared error on the held-out rows, standardised units.</param>
/// <param name="Data">What it was trained on.</param>
internal sealed record TrainedModel(SourceModel Model, TrainingSummary Summary, double TrainingLoss, double ValidationVariance, TaskData Data);
