using System.Diagnostics;
using System.Threading.Channels;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Sources;
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
            (EvidenceValue slice, done) = lane.RunAsync(
                LanePriority.Background, _ => EvaluateSlice(prior, done), cancellationToken).GetAwaiter().GetResult();
            total = total is null ? slice : total + slice;
            updates.TryWrite(new PriorFitUpdate(_evaluations + 1, done, TaskCount, _best, null));
        }

        _evaluations++;
        double value = total!.LogEvidence / total.Observations;
        _best = value > _best || double.IsNaN(_best) ? value : _best;
        return total;
    }

    private (EvidenceValue Slice, int Done) EvaluateSlice(Prior prior, int first)
    {
        long started = Stopwatch.GetTimestamp();
        EvidenceValue sum = evidence.EvaluateTask(first, prior);
        int next = first + 1;
        while (next < TaskCount && Stopwatch.GetElapsedTime(started) < s_slice)
        {
            sum += evidence.EvaluateTask(next++, prior);
        }

        return (sum, next);
    }
}
