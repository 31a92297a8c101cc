namespace AdaptCluster.Numerics.Solves;

/// <summary>What a shard of one layout computes.</summary>
internal interface IShardMathematics : IDisposable
{
    /// <summary>Bytes held on the device and beside it.</summary>
    long Bytes { get; }

    /// <summary>The answer to a request, in parts: null after each part, the answer last.</summary>
    /// <exception cref="ArgumentException">The request does not fit.</exception>
    IEnumerable<byte[]?> Answer(ShardRequest request);
}
