namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>How well a source with its fleet prior explains rows: comparable between sources, because it is in the target's own units.</summary>
/// <param name="Rows">The rows looked at: a sample where there are many.</param>
/// <param name="LogEvidence">log p(targets | inputs, source, prior) of these rows, in nats.</param>
/// <param name="LeaveOneOut">Each row predicted from the others.</param>
[GenerateSerializer, Immutable, Alias("adapt.RowsEvidence")]
public sealed record RowsEvidence([property: Id(0)] int Rows, [property: Id(1)] double LogEvidence, [property: Id(2)] FitScores LeaveOneOut);
