using AdaptCluster.Grains.Interfaces.Sources;
using Orleans.Concurrency;

namespace AdaptCluster.Grains.Interfaces.PriorFits;

/// <summary>Drives one fit of a fleet prior: sums the evidence of its parts and optimises. Keyed by <c>source key/fit</c>; survives its silo.</summary>
[Alias("adapt.IPriorFitGrain")]
public interface IPriorFitGrain : IGrainWithStringKey
{
    /// <summary>Starts the fit; the order is durable when this returns. Starting it again is harmless, and takes up one whose silo is gone.</summary>
    /// <exception cref="Errors.StoreException">The store cannot keep it.</exception>
    [Alias("Start")]
    [AlwaysInterleave]
    Task StartAsync(PriorFitOrder order, CancellationToken cancellationToken = default);

    /// <summary>Progress as it is made, at least every two seconds; ends with the fit, at once if there is none.</summary>
    [Alias("Watch")]
    [AlwaysInterleave]
    IAsyncEnumerable<PriorFitUpdate> WatchAsync(CancellationToken cancellationToken = default);

    /// <summary>Ends the fit without a prior; everything it holds is free when this returns. Harmless if there is none.</summary>
    [Alias("Cancel")]
    [AlwaysInterleave]
    Task CancelAsync(CancellationToken cancellationToken = default);

    /// <summary>Whether there is such a fit, that has not ended.</summary>
    [Alias("IsUnderWay")]
    [AlwaysInterleave]
    Task<bool> IsUnderWayAsync(CancellationToken cancellationToken = default);
}
