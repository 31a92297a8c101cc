using System.Diagnostics;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Grains.Solves;

/// <summary>A shard on the device: its memory is reserved before it is loaded, and free when it is disposed.</summary>
internal sealed class ResidentShard : IAsyncDisposable
{
    private readonly string _key;
    private readonly DeviceLane _lane;
    private readonly SolveReservation _reservation;
    private readonly SolvePlanDescription _plan;
    private readonly TimeSpan _slice;
    private readonly TimeProvider _clock;

    private ResidentShard(string key, DeviceLane lane, SolveReservation reservation, SolvePlanDescription plan, TimeSpan slice, TimeProvider clock)
    {
        _key = key;
        _lane = lane;
        _reservation = reservation;
        _plan = plan;
        _slice = slice;
        _clock = clock;
    }

    /// <summary>Reads its rows and puts it on the device.</summary>
    /// <param name="key">Its name there.</param>
    /// <param name="order">What it is.</param>
    /// <param name="reservation">Its memory, which it owns from now on, also if this fails.</param>
    /// <param name="services">What a silo has for it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ResidentShard> LoadAsync(
        string key, ShardOrder order, SolveReservation reservation, ShardServices services, CancellationToken cancellationToken)
    {
        var shard = new ResidentShard(key, services.Lane, reservation, order.Order.Plan, services.Options.Value.Slice, services.Clock);
        try
        {
            SourceModel model = await services.Models.LoadAsync(order.Order.ModelHash, cancellationToken);
            SolvePlan plan = PlanMapping.ToPlan(order.Order.Plan);
            RowRange range = plan.Layout == SolveLayout.KernelRows ? new RowRange(0, plan.Rows) : plan.Shards[order.Shard];
            TaskData data = await services.Observations.ReadRangeAsync(order.Order, range, model.Spec.InputWidth, model.Spec.Outputs, cancellationToken);
            await shard.OnLaneAsync(
                context =>
                {
                    SolveShard resident = SolveShard.Create(model, context.Device, PriorMapping.ToPrior(order.Order.Prior), plan, order.Shard, data);
                    context.Solves.Put(key, resident);
                    return true;
                },
                cancellationToken);
            return shard;
        }
        catch
        {
            await shard.DisposeAsync();
            throw;
        }
    }

    /// <summary>Computes an answer in slices, so that others get their turns in between.</summary>
    /// <exception cref="AdaptationFailedException">The mathematics gave no usable answer.</exception>
    public async Task<ShardAnswer> AnswerAsync(ShardRequest request, CancellationToken cancellationToken)
    {
        ShardWork? work = null;
        TimeSpan elapsed = TimeSpan.Zero;
        try
        {
            while (true)
            {
                byte[]? answer = await OnLaneAsync(
                    context =>
                    {
                        long started = Stopwatch.GetTimestamp();
                        context.Plan(_plan.FlopsPerQuestion);
                        work ??= context.Solves.Get<SolveShard>(_key).Start(request);
                        bool isComplete = work.Advance(_slice);
                        elapsed += Stopwatch.GetElapsedTime(started);
                        return isComplete ? work.Answer : null;
                    },
                    cancellationToken);
                if (answer is not null)
                {
                    return new ShardAnswer(answer, elapsed);
                }
            }
        }
        finally
        {
            if (work is not null)
            {
                await OnLaneAsync(
                    _ =>
                    {
                        work.Dispose();
                        return true;
                    },
                    CancellationToken.None);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await OnLaneAsync(
                context =>
                {
                    context.Solves.Remove(_key);
                    return true;
                },
                CancellationToken.None);
        }
        catch (ObjectDisposedException)
        {
            // The lane has ended, and what was on it with it.
        }
        finally
        {
            _reservation.Dispose();
        }
    }

    private Task<T> OnLaneAsync<T>(Func<LaneContext, T> operation, CancellationToken cancellationToken) =>
        PatientLane.RunAsync(_lane, operation, _clock, cancellationToken);
}
