namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>Consecutive rows of a task in the tensor store.</summary>
/// <param name="Rows">How many.</param>
/// <param name="InputsHash">The content hash of the inputs, <c>[rows, d]</c>.</param>
/// <param name="TargetsHash">The content hash of the targets, <c>[rows, c]</c>.</param>
/// <param name="IsOfSolve">Whether they were put there for the solve, and go with it.</param>
[GenerateSerializer, Immutable, Alias("adapt.RowBlock")]
public sealed record RowBlock(
    [property: Id(0)] int Rows,
    [property: Id(1)] string InputsHash,
    [property: Id(2)] string TargetsHash,
    [property: Id(3)] bool IsOfSolve);
