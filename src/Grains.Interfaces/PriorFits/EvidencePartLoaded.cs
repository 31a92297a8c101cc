namespace AdaptCluster.Grains.Interfaces.PriorFits;

/// <summary>Where and how a part of a fit is.</summary>
/// <param name="IsLoaded">Whether it is ready; otherwise it is being loaded.</param>
/// <param name="Silo">The silo, as its address is written.</param>
[GenerateSerializer, Immutable, Alias("adapt.EvidencePartLoaded")]
public sealed record EvidencePartLoaded([property: Id(0)] bool IsLoaded, [property: Id(1)] string Silo);
