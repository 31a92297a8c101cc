using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>The prediction of one task of a group.</summary>
/// <param name="Result">The prediction; null if there is none.</param>
/// <param name="Error">Why there is none; null if there is one.</param>
[GenerateSerializer, Immutable, Alias("adapt.TaskPrediction")]
public sealed record TaskPrediction(
    [property: Id(0)] PredictionResult? Result,
    [property: Id(1)] AdaptException? Error);
