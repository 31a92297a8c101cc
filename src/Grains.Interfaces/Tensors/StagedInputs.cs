using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Tensors;

/// <summary>Encoded inputs without targets that were staged part by part, to be read once.</summary>
/// <param name="Upload">The upload that staged them; its parts are removed once they were read.</param>
/// <param name="Parts">The content hashes of the parts, each <c>[some rows, d]</c>, Float64, in row order.</param>
/// <param name="Rows">The rows of all parts.</param>
[GenerateSerializer, Immutable, Alias("adapt.StagedInputs")]
public sealed record StagedInputs(
    [property: Id(0)] Guid Upload,
    [property: Id(1)] ImmutableArray<string> Parts,
    [property: Id(2)] int Rows);
