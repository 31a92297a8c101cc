using Orleans.Concurrency;

namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>
/// Some rows of a solve on one silo's device. Keyed by <c>solve/shard/placement</c>; nothing of it is durable, and nothing is
/// lost with it that its order would not give again.
/// </summary>
[Alias("adapt.IJacobianShardGrain")]
public interface IJacobianShardGrain : IGrainWithStringKey
{
    /// <summary>Loads the shard, once: a repeated order joins the loading or finds it done. A later session takes it over.</summary>
    /// <exception cref="Errors.StoreException">Rows or model cannot be read.</exception>
    [Alias("Load")]
    [AlwaysInterleave]
    Task<ShardLoaded> LoadAsync(ShardOrder order, CancellationToken cancellationToken = default);

    /// <summary>
    /// Asks one question, or gives one part of it. A repeated question joins the computation under way, or gets the kept answer.
    /// </summary>
    /// <exception cref="Errors.AdaptationFailedException">The mathematics gave no usable answer.</exception>
    [Alias("Ask")]
    [AlwaysInterleave]
    Task<ShardReply> AskAsync(ShardQuestionMessage question, CancellationToken cancellationToken = default);

    /// <summary>A part of the answer to the last question.</summary>
    [Alias("Fetch")]
    [AlwaysInterleave]
    Task<ShardReply> FetchAsync(long session, long sequence, int part, TimeSpan patience, CancellationToken cancellationToken = default);

    /// <summary>Says that the coordinator still needs it.</summary>
    [Alias("Keep")]
    [AlwaysInterleave]
    Task KeepAsync(CancellationToken cancellationToken = default);

    /// <summary>Frees everything; harmless if there is nothing.</summary>
    [Alias("Release")]
    [AlwaysInterleave]
    Task ReleaseAsync(CancellationToken cancellationToken = default);
}
