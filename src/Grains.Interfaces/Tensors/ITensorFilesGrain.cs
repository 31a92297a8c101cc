using Orleans.Concurrency;

namespace AdaptCluster.Grains.Interfaces.Tensors;

/// <summary>
/// Lends the tensor files of one silo to others that have joined its store. Keyed by that silo's address as it is written; what came to
/// be elsewhere says that the silo is gone.
/// </summary>
[Alias("adapt.ITensorFilesGrain")]
public interface ITensorFilesGrain : IGrainWithStringKey
{
    /// <summary>The most bytes in one message; what is larger goes in parts.</summary>
    const int MaxBytes = 4 << 20;

    /// <summary>Keeps a block of at most <see cref="MaxBytes"/>; durable on return where that is asked for.</summary>
    /// <param name="scope">The scope's path.</param>
    /// <param name="isDurable">Whether it is on disk on return.</param>
    /// <param name="content">The block.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its content hash.</returns>
    /// <exception cref="Errors.StoreException">It cannot be kept, or the silo is gone.</exception>
    [Alias("Put")]
    Task<string> PutAsync(string scope, bool isDurable, TensorPayload content, CancellationToken cancellationToken = default);

    /// <summary>Keeps a block whose parts were put before, each as a block of an upload's scope.</summary>
    /// <param name="scope">The scope's path.</param>
    /// <param name="isDurable">Whether it is on disk on return.</param>
    /// <param name="upload">The upload, whose parts are deleted afterwards.</param>
    /// <param name="parts">The hashes of its parts, in order.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its content hash.</returns>
    /// <exception cref="Errors.StoreException">It cannot be kept, a part is missing, or the silo is gone.</exception>
    [Alias("Assemble")]
    Task<string> AssembleAsync(string scope, bool isDurable, Guid upload, IReadOnlyList<string> parts, CancellationToken cancellationToken = default);

    /// <summary>Reads at most <see cref="MaxBytes"/> of a block; fewer at its end. Nothing is checked: who asked knows the hash.</summary>
    /// <param name="scope">The scope's path.</param>
    /// <param name="hash">The content hash.</param>
    /// <param name="offset">From this byte.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Errors.StoreException">It is missing, cannot be read, or the silo is gone.</exception>
    [Alias("Get")]
    [AlwaysInterleave]
    Task<TensorPayload> GetAsync(string scope, string hash, long offset, CancellationToken cancellationToken = default);

    /// <summary>Deletes a block, or without a hash everything in a scope; harmless if it is not there.</summary>
    /// <param name="scope">The scope's path.</param>
    /// <param name="hash">The content hash; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Errors.StoreException">It cannot be deleted, or the silo is gone.</exception>
    [Alias("Delete")]
    Task DeleteAsync(string scope, string? hash, CancellationToken cancellationToken = default);
}
