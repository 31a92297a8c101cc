namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>A prior that is set by hand instead of learned.</summary>
/// <param name="Scale">The prior variance of every parameter; at least 0.</param>
/// <param name="NoiseVariance">The noise variance on the network's own output scale; above 0.</param>
/// <param name="MeanIsSource">Whether the prior mean is the source network's output (otherwise zero).</param>
[GenerateSerializer, Immutable, Alias("adapt.PriorSetting")]
public sealed record PriorSetting(
    [property: Id(0)] double Scale,
    [property: Id(1)] double NoiseVariance,
    [property: Id(2)] bool MeanIsSource)
{
    /// <summary>
    /// Every output is adapted on its own, on the features that the network's outputs share, instead of all together: for many outputs.
    /// </summary>
    [Id(3)]
    public bool IndependentOutputs { get; init; }
}
