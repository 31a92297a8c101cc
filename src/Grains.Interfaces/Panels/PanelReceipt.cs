namespace AdaptCluster.Grains.Interfaces.Panels;

/// <summary>The acknowledgement of a batch: it is durable.</summary>
/// <param name="Added">False if the panel had taken the batch already, or it changes nothing.</param>
/// <param name="Targets">The targets that the panel has now.</param>
[GenerateSerializer, Immutable, Alias("adapt.PanelReceipt")]
public sealed record PanelReceipt(
    [property: Id(0)] bool Added,
    [property: Id(1)] int Targets);
