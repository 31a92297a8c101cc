namespace AdaptCluster.Grains.Panels;

/// <summary>That a target's column did not converge.</summary>
/// <param name="Batch">The batch that it was solved with.</param>
/// <param name="PriorVersion">The prior that it was solved with.</param>
/// <param name="RelativeResidual">How far it came, recomputed.</param>
/// <param name="Problem">What happened and what to do, in a line.</param>
[GenerateSerializer, Immutable, Alias("adapt.StoredPanelFailure")]
internal sealed record StoredPanelFailure(
    [property: Id(0)] int Batch,
    [property: Id(1)] int PriorVersion,
    [property: Id(2)] double RelativeResidual,
    [property: Id(3)] string Problem);
