namespace AdaptCluster.Grains.Interfaces.Renewals;

/// <summary>A task that could not be adapted under a new prior.</summary>
/// <param name="Task">Its name.</param>
/// <param name="Reason">Why, in one line.</param>
[GenerateSerializer, Immutable, Alias("adapt.RenewalFailure")]
public sealed record RenewalFailure([property: Id(0)] string Task, [property: Id(1)] string Reason);
