using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>What became of one task of a group.</summary>
/// <param name="Description">The task as it is durable now; null if it failed.</param>
/// <param name="Error">Why it failed; null if it did not.</param>
[GenerateSerializer, Immutable, Alias("adapt.TaskAdaptation")]
public sealed record TaskAdaptation(
    [property: Id(0)] TaskDescription? Description,
    [property: Id(1)] AdaptException? Error);
