using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Grains.Sources;

/// <summary>The fleet evidence, computed on the device lane in slices of a few milliseconds. Called by the optimiser's thread.</summary>
internal sealed class LaneFleetEvidence(
    DeviceLane lane, FleetEvidence evidence, ChannelWriter<PriorFitUpdate> updates, CancellationToken cancellationToken) : IFleetEvidence
{
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(25);

    private int _evaluations;
    private double _best = double.NaN;

    public int TaskCount => evidence.TaskCount;

    public FleetSummary Summary => evidence.Summary;

    public EvidenceValue Evaluate(Prior prior)
    {
        EvidenceValue? total = null;
        int done = 0;
        while (done < TaskCount)
        {
            // The optimiser is synchronous and this thread is its own: waiting here holds up nobody.
            int first = done;
            Slice slice = lane.RunAsync(LanePriority.Background, context => EvaluateSlice(context, prior, first), cancellationToken).GetAwaiter().GetResult();
            slice.Failure?.Throw();
            total = total is null ? slice.Sum! : total + slice.Sum!;
            done = slice.Done;
            updates.TryWrite(new PriorFitUpdate(_evaluations + 1, done, TaskCount, _best, null));
        }

        _evaluations++;
        double value = total!.LogEvidence / total.Observations;
        _best = value > _best || double.IsNaN(_best) ? value : _best;
        return total;
    }

    private Slice EvaluateSlice(LaneContext context, Prior prior, int first)
    {
        long started = Stopwatch.GetTimestamp();
        int next = first;
        try
        {
            EvidenceValue sum = EvaluateTask(context, next++, prior);
            while (next < TaskCount && Stopwatch.GetElapsedTime(started) < s_slice)
            {
                sum += EvaluateTask(context, next++, prior);
            }

            return new Slice(sum, next, null);
        }
        catch (NumericsException error)
        {
            // A point that the optimiser tried and should not have: for it to judge, not an error of the lane's.
            return new Slice(null, next, ExceptionDispatchInfo.Capture(error));
        }
    }

    private EvidenceValue EvaluateTask(LaneContext context, int task, Prior prior)
    {
        context.Plan(evidence.FlopsOf(task, prior));
        return evidence.EvaluateTask(task, prior);
    }

    private sealed record Slice(EvidenceValue? Sum, int Done, ExceptionDispatchInfo? Failure);
}
