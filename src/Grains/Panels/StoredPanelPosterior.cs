namespace AdaptCluster.Grains.Panels;

/// <summary>Where a target's solution is, and what is told about it.</summary>
/// <param name="Block">The block that solved it.</param>
/// <param name="Column">Its column there.</param>
/// <param name="Batch">The batch that it rests on.</param>
/// <param name="Version">Counts the target's posteriors from 1.</param>
/// <param name="PriorVersion">The prior.</param>
/// <param name="LogEvidence">Standardised units, from above.</param>
/// <param name="RelativeResidual">Recomputed.</param>
[GenerateSerializer, Immutable, Alias("adapt.StoredPanelPosterior")]
internal sealed record StoredPanelPosterior(
    [property: Id(0)] int Block,
    [property: Id(1)] int Column,
    [property: Id(2)] int Batch,
    [property: Id(3)] int Version,
    [property: Id(4)] int PriorVersion,
    [property: Id(5)] double LogEvidence,
    [property: Id(6)] double RelativeResidual);
