using Orleans.Concurrency;

namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>Drives one iterative solve over its shards. Keyed by <c>task key/solve</c>; survives its silo.</summary>
[Alias("adapt.ISolveCoordinatorGrain")]
public interface ISolveCoordinatorGrain : IGrainWithStringKey
{
    /// <summary>Starts the solve; the order is durable when this returns. Starting it again is harmless.</summary>
    /// <exception cref="Errors.StoreException">The store cannot keep it.</exception>
    [Alias("Start")]
    [AlwaysInterleave]
    Task StartAsync(SolveOrder order, CancellationToken cancellationToken = default);

    /// <summary>Progress as it is made; ends with the solve, at once if there is none.</summary>
    [Alias("Watch")]
    [AlwaysInterleave]
    IAsyncEnumerable<SolveProgressMessage> WatchAsync(CancellationToken cancellationToken = default);

    /// <summary>Ends the solve without a posterior; everything it holds is free when this returns. Harmless if there is none.</summary>
    [Alias("Cancel")]
    [AlwaysInterleave]
    Task CancelAsync(CancellationToken cancellationToken = default);

    /// <summary>Describes the solve; null if there is none, or it has ended.</summary>
    [Alias("Describe")]
    [AlwaysInterleave]
    Task<SolveDescription?> DescribeAsync(CancellationToken cancellationToken = default);
}
