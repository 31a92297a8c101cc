namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>The acknowledgement of a batch: it is durable.</summary>
/// <param name="Added">False if the task held the batch already.</param>
/// <param name="Observations">The rows that the task holds now.</param>
[GenerateSerializer, Immutable, Alias("adapt.ObserveReceipt")]
public sealed record ObserveReceipt(
    [property: Id(0)] bool Added,
    [property: Id(1)] int Observations);
