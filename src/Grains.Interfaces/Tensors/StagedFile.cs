using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Tensors;

/// <summary>A file that was staged part by part, to be read once by an operation.</summary>
/// <param name="Upload">The upload that staged it; its parts are removed once they were read.</param>
/// <param name="Parts">The content hashes of its parts, in order.</param>
/// <param name="Length">How many bytes it has; at most <see cref="MaxBytes"/>.</param>
/// <param name="Hash">The SHA-256 of all of it, 64 lower-case hexadecimal digits.</param>
[GenerateSerializer, Immutable, Alias("adapt.StagedFile")]
public sealed record StagedFile(
    [property: Id(0)] Guid Upload,
    [property: Id(1)] ImmutableArray<string> Parts,
    [property: Id(2)] long Length,
    [property: Id(3)] string Hash)
{
    /// <summary>The largest file: 1 GB.</summary>
    public const long MaxBytes = 1_000_000_000;
}
