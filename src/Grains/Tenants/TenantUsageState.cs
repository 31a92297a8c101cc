namespace AdaptCluster.Grains.Tenants;

/// <summary>What was counted of a tenant, up to some seconds ago.</summary>
/// <param name="Tasks">Target tasks.</param>
/// <param name="Bytes">Of their observations.</param>
[GenerateSerializer, Immutable, Alias("adapt.TenantUsageState")]
internal sealed record TenantUsageState(
    [property: Id(0)] long Tasks,
    [property: Id(1)] long Bytes);
