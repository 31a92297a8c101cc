namespace AdaptCluster.Grains.Interfaces.Tenants;

/// <summary>What a tenant has.</summary>
/// <param name="Tasks">Target tasks, of all its sources.</param>
/// <param name="Bytes">Of their observations, as numbers of 8 bytes.</param>
/// <param name="Solves">Adaptations that are under way.</param>
[GenerateSerializer, Immutable, Alias("adapt.TenantUsage")]
public sealed record TenantUsage(
    [property: Id(0)] long Tasks,
    [property: Id(1)] long Bytes,
    [property: Id(2)] int Solves);
