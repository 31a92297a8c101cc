namespace AdaptCluster.Silo.Stores;

/// <summary>A record as the store keeps it.</summary>
internal sealed class RecordBytes
{
    public BinaryData Content { get; init; } = BinaryData.Empty;
}
