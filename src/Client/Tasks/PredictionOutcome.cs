using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Client.Tasks;

/// <summary>The prediction of one task of a bulk operation.</summary>
/// <param name="Task">The name of the task.</param>
/// <param name="Prediction">Its prediction; null if it failed.</param>
/// <param name="Error">Why it failed; null if it did not.</param>
public sealed record PredictionOutcome(string Task, Prediction? Prediction, AdaptException? Error);
