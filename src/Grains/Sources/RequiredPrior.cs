using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Grains.Sources;

/// <summary>The prior that a source must have before anything is adapted.</summary>
internal static class RequiredPrior
{
    /// <exception cref="NotFoundException">It has none; the message says how to get one.</exception>
    public static PriorDescription Of(SourceDescription source) => source.Prior ?? throw new NotFoundException(
        "prior of source", source.Name, $"learn one with 'adapt prior fit {source.Name}' or set it with 'adapt prior set {source.Name}'");
}
