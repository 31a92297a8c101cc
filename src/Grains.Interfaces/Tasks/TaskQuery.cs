namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>Rows to predict of one task of a group.</summary>
/// <param name="Task">The name of the task.</param>
/// <param name="Request">The rows.</param>
[GenerateSerializer, Immutable, Alias("adapt.TaskQuery")]
public sealed record TaskQuery(
    [property: Id(0)] string Task,
    [property: Id(1)] PredictionRequest Request);
