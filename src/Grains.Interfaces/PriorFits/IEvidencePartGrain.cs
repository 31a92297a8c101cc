using Orleans.Concurrency;

namespace AdaptCluster.Grains.Interfaces.PriorFits;

/// <summary>
/// Some tasks of a fit on one silo's device. Keyed by <c>fit/part/placement</c>; nothing of it is durable, and nothing is lost with it that its order would
/// not give again.
/// </summary>
[Alias("adapt.IEvidencePartGrain")]
public interface IEvidencePartGrain : IGrainWithStringKey
{
    /// <summary>Reads the part's rows and prepares them, once: a repeated order joins the loading or finds it done.</summary>
    /// <exception cref="Errors.InvalidInputException">The rows cannot be used.</exception>
    /// <exception cref="Errors.StoreException">Rows or model cannot be read.</exception>
    [Alias("Load")]
    [AlwaysInterleave]
    Task<EvidencePartLoaded> LoadAsync(EvidencePartOrder order, CancellationToken cancellationToken = default);

    /// <summary>
    /// Asks one question, or gives one part of it. A repeated question joins the computation under way, or gets the kept answer; another takes its place.
    /// </summary>
    /// <exception cref="Errors.AdaptationFailedException">The mathematics gave no usable answer.</exception>
    [Alias("Ask")]
    [AlwaysInterleave]
    Task<EvidenceReply> AskAsync(EvidenceQuestion question, CancellationToken cancellationToken = default);

    /// <summary>A part of the answer to the last question.</summary>
    [Alias("Fetch")]
    [AlwaysInterleave]
    Task<EvidenceReply> FetchAsync(long question, int part, TimeSpan patience, CancellationToken cancellationToken = default);

    /// <summary>Says that the fit still needs it.</summary>
    [Alias("Keep")]
    [AlwaysInterleave]
    Task KeepAsync(CancellationToken cancellationToken = default);

    /// <summary>Frees everything; harmless if there is nothing.</summary>
    [Alias("Release")]
    [AlwaysInterleave]
    Task ReleaseAsync(CancellationToken cancellationToken = default);
}
