using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Interfaces.Backups;

/// <summary>A piece of a record or of a file. The pieces of one follow each other.</summary>
/// <param name="Kind">Of what.</param>
/// <param name="Name">The record's key, or the file's path.</param>
/// <param name="Offset">Where the bytes begin.</param>
/// <param name="Content">At most <see cref="MaxBytes"/>.</param>
/// <param name="IsLast">Whether no more follow of this one.</param>
[GenerateSerializer, Immutable, Alias("adapt.BackupPart")]
public sealed record BackupPart(
    [property: Id(0)] BackupPartKind Kind,
    [property: Id(1)] string Name,
    [property: Id(2)] long Offset,
    [property: Id(3)] TensorPayload Content,
    [property: Id(4)] bool IsLast)
{
    /// <summary>The most bytes of a part.</summary>
    public const int MaxBytes = 1 << 20;
}
