using System.Diagnostics;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>A part of a fit on the device. Computes in slices at background priority, so that predictions go in between.</summary>
internal sealed class ResidentEvidence : IAsyncDisposable
{
    private readonly string _key;
    private readonly EvidencePartOrder _order;
    private readonly ShardServices _services;
    private SolveReservation? _reservation;
    private bool _hasNetwork;
    private EvidenceMembers? _members;

    private ResidentEvidence(string key, EvidencePartOrder order, ShardServices services)
    {
        _key = key;
        _order = order;
        _services = services;
    }

    /// <summary>Reads its rows and prepares them on the device.</summary>
    /// <param name="key">Its name there.</param>
    /// <param name="order">What it is.</param>
    /// <param name="services">What a silo has for it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidInputException">The rows cannot be used.</exception>
    public static async Task<ResidentEvidence> LoadAsync(string key, EvidencePartOrder order, PriorFitServices services, CancellationToken cancellationToken)
    {
        var part = new ResidentEvidence(key, order, services.Shards);
        try
        {
            SourceModel model = await services.Shards.Models.LoadAsync(order.ModelHash, cancellationToken);
            TaskData data = await services.Rows.ReadRangeAsync(order.Data, order.SkippedRows, order.Data.RowsPerTask.Sum(), model.Spec, cancellationToken);
            await part.PrepareAsync(model, data, cancellationToken);
            return part;
        }
        catch
        {
            await part.DisposeAsync();
            throw;
        }
    }

    /// <summary>The answer to a question.</summary>
    /// <param name="question">The question.</param>
    /// <param name="tasksDone">Told how many of its tasks are done.</param>
    /// <param name="cancellationToken">Looked at before every slice.</param>
    public async Task<byte[]> AnswerAsync(byte[] question, Action<int> tasksDone, CancellationToken cancellationToken)
    {
        if (EvidenceBytes.ReadQuestion(question, PriorMean.Source, PriorMapping.CouplingOf(_order.IndependentOutputs)) is not { } asked)
        {
            return EvidenceBytes.Write(_members!);
        }

        if (asked.Kind == EvidenceKind.Spectra)
        {
            SpectraPass spectra = await OnLaneAsync(context => context.Solves.Get<FleetPortion>(_key).BeginSpectra(asked.Prior, asked.Excluded), cancellationToken);
            while (!await OnLaneAsync(context => Advance(context, spectra.Flops, spectra.Advance), cancellationToken))
            {
            }

            return EvidenceBytes.Write(spectra.Result());
        }

        FleetPass pass = await OnLaneAsync(context => context.Solves.Get<FleetPortion>(_key).Begin(asked.Prior, asked.HeldOut, asked.Excluded), cancellationToken);
        while (!await OnLaneAsync(context => Advance(context, pass.Flops, pass.Advance), cancellationToken))
        {
            tasksDone(pass.TasksDone);
        }

        return EvidenceBytes.Write(pass.Result());
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await OnLaneAsync(
                context =>
                {
                    context.Solves.Remove(_key);
                    if (_hasNetwork && context.Solves.Find<SharedNetwork>(NetworkKey) is { } shared && --shared.Users == 0)
                    {
                        context.Solves.Remove(NetworkKey);
                    }

                    return _hasNetwork = false;
                },
                CancellationToken.None);
        }
        catch (ObjectDisposedException)
        {
            // The lane has ended, and what was on it with it.
        }
        finally
        {
            _reservation?.Dispose();
        }
    }

    private string NetworkKey => PriorFitKeys.FitOf(_key);

    private async Task PrepareAsync(SourceModel model, TaskData data, CancellationToken cancellationToken)
    {
        // Without room nothing is kept, and computed again in every evaluation: slower, with the same bits.
        _reservation = _services.Memory.TryReserve(_order.CacheBytes);
        FleetFitOptions options = PriorFitMapping.ToOptions(_order) with { FactorCacheBytes = _reservation is null ? 0 : _order.CacheBytes };
        List<TaskData> tasks = Split(data, _order.Data.RowsPerTask.AsSpan());
        await OnLaneAsync(
            context =>
            {
                context.Solves.Put(_key, new FleetPortion(NetworkOf(context, model), tasks, _order.FirstTask, options));
                return true;
            },
            cancellationToken);
        while (!await OnLaneAsync(Prepare, cancellationToken))
        {
        }

        _members = await OnLaneAsync(context => new EvidenceMembers(context.Solves.Get<FleetPortion>(_key).Members, Edge(data, Math.Min), Edge(data, Math.Max)), cancellationToken);
    }

    private SourceNetwork NetworkOf(LaneContext context, SourceModel model)
    {
        SharedNetwork? shared = context.Solves.Find<SharedNetwork>(NetworkKey);
        if (shared is null)
        {
            context.Solves.Put(NetworkKey, shared = new SharedNetwork(new SourceNetwork(model, context.Device)));
        }

        shared.Users++;
        _hasNetwork = true;
        return shared.Network;
    }

    private bool Prepare(LaneContext context)
    {
        FleetPortion portion = context.Solves.Get<FleetPortion>(_key);
        return Advance(context, portion.FlopsToPrepare, portion.Prepare);
    }

    private bool Advance(LaneContext context, double flops, Func<bool> step)
    {
        long started = Stopwatch.GetTimestamp();
        context.Plan(flops);
        bool isDone = step();
        while (!isDone && Stopwatch.GetElapsedTime(started) < _services.Options.Value.Slice)
        {
            isDone = step();
        }

        return isDone;
    }

    private static System.Collections.Immutable.ImmutableArray<double> Edge(TaskData data, Func<double, double, double> choose)
    {
        double[] edge = [.. data.Targets.Row(0)];
        for (int row = 1; row < data.Rows; row++)
        {
            for (int output = 0; output < edge.Length; output++)
            {
                edge[output] = choose(edge[output], data.Targets[row, output]);
            }
        }

        return [.. edge];
    }

    private static List<TaskData> Split(TaskData data, ReadOnlySpan<int> rowsPerTask)
    {
        var tasks = new List<TaskData>(rowsPerTask.Length);
        int start = 0;
        foreach (int count in rowsPerTask)
        {
            tasks.Add(new TaskData(data.Inputs.Slice(start, count), data.Targets.Slice(start, count)));
            start += count;
        }

        return tasks;
    }

    private Task<T> OnLaneAsync<T>(Func<LaneContext, T> operation, CancellationToken cancellationToken) =>
        PatientLane.RunAsync(_services.Lane, operation, _services.Clock, cancellationToken);
}
