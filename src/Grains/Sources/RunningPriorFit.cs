namespace AdaptCluster.Grains.Sources;

/// <summary>The fit of its prior that a source waits for.</summary>
/// <param name="Fit">Which.</param>
/// <param name="Content">Names its rows and options: a call with the same joins it.</param>
/// <param name="Upload">What was staged for it.</param>
[GenerateSerializer, Immutable, Alias("adapt.RunningPriorFit")]
internal sealed record RunningPriorFit([property: Id(0)] Guid Fit, [property: Id(1)] long Content, [property: Id(2)] Guid Upload);
