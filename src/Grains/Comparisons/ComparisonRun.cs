using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Comparisons;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Numerics.Comparisons;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Comparisons;

/// <summary>Runs a comparison on a thread of its own, which asks the device lane for slices so that adaptations and predictions go in between.</summary>
internal sealed class ComparisonRun(DeviceLane lane, TimeProvider clock)
{
    public async IAsyncEnumerable<ComparisonUpdate> RunAsync(
        SourceModel model, IReadOnlyList<TaskData> tasks, ComparisonOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using Activity? activity = AdaptInstruments.Activities.StartActivity("compare");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var updates = Channel.CreateBounded<ComparisonUpdate>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        Task<ComparisonResult> comparing = Task.Factory.StartNew(
            () => Compare(model, tasks, options, updates.Writer, stop.Token),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            await foreach (ComparisonUpdate update in updates.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return update;
            }

            ComparisonReport report = ComparisonMapping.ToReport(await comparing);
            yield return new ComparisonUpdate(options.Splits, options.Splits, "done", 1, report);
        }
        finally
        {
            // Whoever listened may have left: the thread ends, and has freed what it held, before this does.
            await stop.CancelAsync();
            await ((Task)comparing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private ComparisonResult Compare(
        SourceModel model, IReadOnlyList<TaskData> tasks, ComparisonOptions options, ChannelWriter<ComparisonUpdate> updates, CancellationToken cancellationToken)
    {
        try
        {
            var slices = new LaneSlices(lane, clock, cancellationToken);
            var device = lane.RunAsync(LanePriority.Background, context => context.Device, cancellationToken).GetAwaiter().GetResult();
            return Comparison.Run(
                model,
                tasks,
                options,
                device,
                slices,
                at => updates.TryWrite(new ComparisonUpdate(at.Split, at.Splits, at.Step, at.Share, null)));
        }
        catch (ArgumentException error)
        {
            throw ComparisonMapping.Refused(error);
        }
        catch (NumericsException error)
        {
            throw new AdaptationFailedException(error.Message);
        }
        finally
        {
            updates.Complete();
        }
    }
}
