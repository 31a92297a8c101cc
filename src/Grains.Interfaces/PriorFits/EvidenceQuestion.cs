using AdaptCluster.Grains.Interfaces.Solves;

namespace AdaptCluster.Grains.Interfaces.PriorFits;

/// <summary>One part of a question to the tasks of a fit; it is computed when all parts are there. The receiver releases the payload.</summary>
/// <param name="Question">Names the question by its content: a repeated one has the same.</param>
/// <param name="Part">Which part, from 0.</param>
/// <param name="Parts">How many parts, at least 1.</param>
/// <param name="Patience">How long to wait for the answer before saying that it is being computed.</param>
/// <param name="Payload">This part of the question.</param>
[GenerateSerializer, Immutable, Alias("adapt.EvidenceQuestion")]
public sealed record EvidenceQuestion(
    [property: Id(0)] long Question,
    [property: Id(1)] int Part,
    [property: Id(2)] int Parts,
    [property: Id(3)] TimeSpan Patience,
    [property: Id(4)] SolvePayload Payload);
