using AdaptCluster.Numerics.Adaptation;

namespace AdaptCluster.Grains.Tasks;

/// <summary>A small task's posterior.</summary>
/// <param name="Posterior">What prediction needs.</param>
/// <param name="Report">What the adaptation did.</param>
/// <param name="Elapsed">The device's time, the task's share of the operation that fitted it.</param>
internal sealed record SmallFit(DualPosterior Posterior, AdaptationReport Report, TimeSpan Elapsed);
