using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Grains.Interfaces.PriorFits;

/// <summary>How a fit ended: with a prior, or with why there is none.</summary>
/// <param name="Fit">Which.</param>
/// <param name="Prior">The prior; its version is the source's to give.</param>
/// <param name="Error">What the caller is told instead.</param>
[GenerateSerializer, Immutable, Alias("adapt.PriorFitEnd")]
public sealed record PriorFitEnd(
    [property: Id(0)] Guid Fit, [property: Id(1)] PriorDescription? Prior, [property: Id(2)] AdaptException? Error);
