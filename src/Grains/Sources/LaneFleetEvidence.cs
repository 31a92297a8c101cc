using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

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

    public ImmutableArray<ExcludedTask> Excluded => evidence.Excluded;

    public FleetEvidenceValue Evaluate(Prior prior, IReadOnlySet<int>? heldOut = null)
    {
        FleetPass pass = evidence.Begin(prior, heldOut);
        while (!pass.IsComplete)
        {
            // The optimiser is synchronous and this thread is its own: waiting here holds up nobody.
            lane.RunAsync(LanePriority.Background, context => Advance(context, pass.Flops, pass.Advance), cancellationToken).GetAwaiter().GetResult()?.Throw();
            updates.TryWrite(new PriorFitUpdate(_evaluations + 1, pass.TasksDone, TaskCount, _best, null));
        }

        _evaluations++;
        FleetEvidenceValue total = pass.Result();
        double value = total.Sum.LogEvidence / total.Sum.Observations;
        _best = value > _best || double.IsNaN(_best) ? value : _best;
        return total;
    }

    public IReadOnlyList<TaskSpectra?> Spectra(Prior prior)
    {
        SpectraPass pass = evidence.BeginSpectra(prior);
        while (!pass.IsComplete)
        {
            lane.RunAsync(LanePriority.Background, context => Advance(context, pass.Flops, pass.Advance), cancellationToken).GetAwaiter().GetResult()?.Throw();
        }

        return pass.Result();
    }

    public void Exclude(IReadOnlyList<ExcludedTask> tasks) => evidence.Exclude(tasks);

    private static ExceptionDispatchInfo? Advance(LaneContext context, double flops, Func<bool> advance)
    {
        long started = Stopwatch.GetTimestamp();
        try
        {
            context.Plan(flops);
            while (!advance() && Stopwatch.GetElapsedTime(started) < s_slice)
            {
            }

            return null;
        }
        catch (NumericsException error)
        {
            // A point that the optimiser tried and should not have: for it to judge, not an error of the lane's.
            return ExceptionDispatchInfo.Capture(error);
        }
    }
}
