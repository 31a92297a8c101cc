namespace AdaptCluster.Grains.Interfaces.Tensors;

/// <summary>Takes the parts of a large upload. Stateless: any silo takes any part, and sending one twice is harmless.</summary>
/// <remarks>What is staged and not used is swept after a day; nothing staged counts as durable.</remarks>
[Alias("adapt.IStagingGrain")]
public interface IStagingGrain : IGrainWithIntegerKey
{
    /// <summary>The most bytes that one part may have.</summary>
    const int MaxBytes = 4 << 20;

    /// <summary>Keeps one part until it is used.</summary>
    /// <param name="upload">The upload that it belongs to, chosen by the client.</param>
    /// <param name="part">The part.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its content hash, by which a request names it.</returns>
    /// <exception cref="Errors.InvalidInputException">It is larger than <see cref="MaxBytes"/>.</exception>
    /// <exception cref="Errors.StoreException">The store cannot take it, a full disk for example.</exception>
    [Alias("Stage")]
    Task<string> StageAsync(Guid upload, TensorPayload part, CancellationToken cancellationToken = default);
}
