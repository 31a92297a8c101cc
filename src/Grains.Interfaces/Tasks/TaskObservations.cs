namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>The last batch of one task of a group.</summary>
/// <param name="Task">The name of the task.</param>
/// <param name="Batch">Its batch.</param>
[GenerateSerializer, Immutable, Alias("adapt.TaskObservations")]
public sealed record TaskObservations(
    [property: Id(0)] string Task,
    [property: Id(1)] ObservationBatch Batch);
