using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Tasks;

/// <summary>Rows that are durable: small ones in the task's own record, large ones in the tensor store.</summary>
[GenerateSerializer, Immutable, Alias("adapt.StoredBatch")]
internal sealed record StoredBatch
{
    /// <summary>The id that makes a retry harmless.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>How many rows.</summary>
    [Id(1)]
    public required int Rows { get; init; }

    /// <summary>The inputs, <c>[rows, d]</c>, if they are kept here.</summary>
    [Id(2)]
    public TensorPayload? Inputs { get; init; }

    /// <summary>The targets, <c>[rows, c]</c>, if they are kept here.</summary>
    [Id(3)]
    public TensorPayload? Targets { get; init; }

    /// <summary>The content hash of the inputs in the tensor store, if they are kept there.</summary>
    [Id(4)]
    public string? InputsHash { get; init; }

    /// <summary>The content hash of the targets in the tensor store, if they are kept there.</summary>
    [Id(5)]
    public string? TargetsHash { get; init; }

    /// <summary>Of its numbers.</summary>
    [Id(6)]
    public long Bytes { get; init; }
}
