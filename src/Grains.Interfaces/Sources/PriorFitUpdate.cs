namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>How far the fit of a fleet prior has come.</summary>
/// <param name="Evaluation">Evaluations of the evidence so far.</param>
/// <param name="TasksDone">Tasks done within the current evaluation.</param>
/// <param name="Tasks">Tasks of one evaluation.</param>
/// <param name="LogEvidencePerRow">The best log evidence per row so far; not a number before the first evaluation ends.</param>
/// <param name="Prior">With the last update: the new prior, durable by then.</param>
[GenerateSerializer, Immutable, Alias("adapt.PriorFitUpdate")]
public sealed record PriorFitUpdate(
    [property: Id(0)] int Evaluation,
    [property: Id(1)] int TasksDone,
    [property: Id(2)] int Tasks,
    [property: Id(3)] double LogEvidencePerRow,
    [property: Id(4)] PriorDescription? Prior);
