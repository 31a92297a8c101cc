namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>A task that took no part in the fit of a prior, because it could have spoilt it for all others.</summary>
/// <param name="Task">Its name, or its place (from 0) where names were not sent.</param>
/// <param name="Reason">Why, with the numbers.</param>
[GenerateSerializer, Immutable, Alias("adapt.ExcludedTaskDescription")]
public sealed record ExcludedTaskDescription([property: Id(0)] string Task, [property: Id(1)] string Reason);
