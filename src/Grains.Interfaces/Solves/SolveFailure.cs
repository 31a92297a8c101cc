namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>A solve that gave no posterior.</summary>
/// <param name="Solve">Which solve.</param>
/// <param name="Reason">Why and what to do, in one line.</param>
/// <param name="Attempts">Where attempts ended with their silo: how many did, and the task is to be left alone; else 0.</param>
[GenerateSerializer, Immutable, Alias("adapt.SolveFailure")]
public sealed record SolveFailure(
    [property: Id(0)] Guid Solve,
    [property: Id(1)] string Reason,
    [property: Id(2)] int Attempts);
