using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Grains.Tensors;

/// <summary>Keeps blocks of bytes under the SHA-256 of their content, which is checked whenever one is read.</summary>
public interface ITensorStore
{
    /// <summary>Keeps a block; durable on return where the scope says so. Putting it again is harmless.</summary>
    /// <returns>Its content hash, 64 lower-case hexadecimal digits.</returns>
    /// <exception cref="StoreException">It cannot be kept: a full disk for example.</exception>
    Task<string> PutAsync(TensorScope scope, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Reads a block.</summary>
    /// <exception cref="StoreException">It is missing or damaged.</exception>
    Task<byte[]> GetAsync(TensorScope scope, string hash, CancellationToken cancellationToken = default);

    /// <summary>Reads a part of a block; fewer bytes than asked for at its end. Nothing is checked: a part has no hash.</summary>
    /// <exception cref="StoreException">It is missing or cannot be read.</exception>
    Task<byte[]> GetPartAsync(TensorScope scope, string hash, long offset, int most, CancellationToken cancellationToken = default);

    /// <summary>Deletes a block; harmless if it is not there.</summary>
    Task DeleteAsync(TensorScope scope, string hash, CancellationToken cancellationToken = default);

    /// <summary>Deletes everything in a scope, and in scopes within it; harmless if it is empty.</summary>
    Task DeleteAllAsync(TensorScope scope, CancellationToken cancellationToken = default);
}
