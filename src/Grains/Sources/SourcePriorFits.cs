using System.Runtime.CompilerServices;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.PriorFits;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Numerics.Networks;
using Microsoft.Extensions.Options;

namespace AdaptCluster.Grains.Sources;

/// <summary>A source's dealings with fits of its prior: starting one, listening to it, ending it.</summary>
internal sealed class SourcePriorFits(
    SourceModelStore models, IGrainFactory grains, ILocalSiloDetails silo, IOptions<SolveOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    /// <summary>A fit says something every two seconds: who says nothing for this time is gone, or somewhere else.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(6);

    /// <summary>What a request asks for, checked as far as that goes without its rows.</summary>
    /// <exception cref="Interfaces.Errors.InvalidInputException">An option cannot be used, or what was staged does not add up.</exception>
    public async Task<PriorFitOrder> OrderAsync(SourceKey key, SourceDescription source, PriorFitRequest request, CancellationToken cancellationToken)
    {
        SourceModel model = await models.LoadAsync(source.ModelHash, cancellationToken);
        return PriorFitMapping.ToOrder(key.ToString(), source, model.Spec, request, options.Value, clock.GetUtcNow());
    }

    /// <summary>Starts a fit, near the source unless it is somewhere already; durable on return.</summary>
    public Task StartAsync(SourceKey key, PriorFitOrder order, CancellationToken cancellationToken)
    {
        SiloDevices.Hint(silo.SiloAddress.ToParsableString());
        return Of(key, order.Request.Fit).StartAsync(order, cancellationToken);
    }

    /// <summary>Whether a fit was begun and has not ended; asking takes it up, where its silo is gone.</summary>
    public Task<bool> IsUnderWayAsync(SourceKey key, RunningPriorFit fit, CancellationToken cancellationToken) => Of(key, fit.Fit).IsUnderWayAsync(cancellationToken);

    /// <summary>Ends a fit; everything it holds is free on return.</summary>
    public Task CancelAsync(SourceKey key, RunningPriorFit fit, CancellationToken cancellationToken) => Of(key, fit.Fit).CancelAsync(cancellationToken);

    /// <summary>Listens to a fit until it ends, or is heard of no more.</summary>
    public async IAsyncEnumerable<PriorFitUpdate> WatchAsync(SourceKey key, Guid fit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IAsyncEnumerator<PriorFitUpdate> updates = Of(key, fit).WatchAsync(cancellationToken).WithBatchSize(1).GetAsyncEnumerator(cancellationToken);
        bool heard = false;
        try
        {
            while (await MovesAsync(updates, cancellationToken))
            {
                heard = true;
                yield return updates.Current;
            }
        }
        finally
        {
            // Without waiting: who listened to a silo that died would wait for its answer as long as calls may take.
            updates.DisposeAsync().AsTask().Ignore();
        }

        if (!heard)
        {
            await Task.Delay(s_pause, clock, cancellationToken);
        }
    }

    private async Task<bool> MovesAsync(IAsyncEnumerator<PriorFitUpdate> updates, CancellationToken cancellationToken)
    {
        try
        {
            return await updates.MoveNextAsync().AsTask().WaitAsync(s_silence, clock, cancellationToken);
        }
        catch (Exception error) when (
            !cancellationToken.IsCancellationRequested && error is OrleansException or TimeoutException or EnumerationAbortedException or OperationCanceledException)
        {
            return false;
        }
    }

    private IPriorFitGrain Of(SourceKey key, Guid fit) => grains.GetGrain<IPriorFitGrain>(PriorFitKeys.Fit(key.ToString(), fit));
}
