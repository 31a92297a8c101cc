using System.Collections.Immutable;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>The fleet's evidence in slices, every task with a weight. Called by the optimiser, from outside of a slice.</summary>
/// <param name="evidence">The tasks; borrowed.</param>
/// <param name="weights">One per task, not negative; null: all count the same.</param>
/// <param name="slices">Where it computes.</param>
internal sealed class SlicedFleetEvidence(FleetEvidence evidence, IReadOnlyList<double>? weights, IComputeSlices slices) : IFleetEvidence
{
    public int TaskCount => evidence.TaskCount;

    public FleetSummary Summary => evidence.Summary;

    public ImmutableArray<ExcludedTask> Excluded => evidence.Excluded;

    /// <summary>Learns the prior of the tasks that count.</summary>
    internal Prior Fit(NetworkSpec spec, FleetFitOptions options) => FleetPriorFitter.Fit(this, spec, options).Prior;

    public FleetEvidenceValue Evaluate(Prior prior, IReadOnlySet<int>? heldOut = null)
    {
        FleetPass pass = slices.Run(0, () => evidence.Begin(prior, heldOut));
        while (!pass.IsComplete)
        {
            slices.Run(pass.Flops, pass.Advance);
        }

        return pass.Result(weights);
    }

    public IReadOnlyList<TaskSpectra?> Spectra(Prior prior)
    {
        SpectraPass pass = slices.Run(0, () => evidence.BeginSpectra(prior));
        while (!pass.IsComplete)
        {
            slices.Run(pass.Flops, pass.Advance);
        }

        return weights is null ? pass.Result() : [.. pass.Result().Select((task, t) => task?.Weighted(weights[t]))];
    }

    public void Exclude(IReadOnlyList<ExcludedTask> tasks) => evidence.Exclude(tasks);
}
