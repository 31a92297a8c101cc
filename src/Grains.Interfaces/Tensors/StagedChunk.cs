namespace AdaptCluster.Grains.Interfaces.Tensors;

/// <summary>Some consecutive rows of a data set that were staged.</summary>
/// <param name="Inputs">Content hash of the encoded inputs, <c>[rows, d]</c>, Float64.</param>
/// <param name="Targets">Content hash of the targets, <c>[rows, c]</c>, Float64.</param>
/// <param name="Rows">How many rows.</param>
[GenerateSerializer, Immutable, Alias("adapt.StagedChunk")]
public sealed record StagedChunk(
    [property: Id(0)] string Inputs,
    [property: Id(1)] string Targets,
    [property: Id(2)] int Rows);
