using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>The fleet's evidence in slices, every task with a weight. Called by the optimiser, from outside of a slice.</summary>
/// <param name="evidence">The tasks; borrowed.</param>
/// <param name="weights">One per task, not negative; null: all count the same. Tasks that hardly count are left out.</param>
/// <param name="slices">Where it computes.</param>
internal sealed class SlicedFleetEvidence(FleetEvidence evidence, IReadOnlyList<double>? weights, IComputeSlices slices) : IFleetEvidence
{
    private const double Negligible = 1e-4;
    private readonly int[] _tasks = [.. Enumerable.Range(0, evidence.TaskCount).Where(t => weights is null || weights[t] > Negligible)];

    public int TaskCount => _tasks.Length;

    public FleetSummary Summary => evidence.Summary;

    /// <summary>Learns the prior of the tasks that count.</summary>
    internal Prior Fit(NetworkSpec spec, FleetFitOptions options) => FleetPriorFitter.Fit(this, spec, options).Prior;

    public EvidenceValue Evaluate(Prior prior)
    {
        EvidenceValue[] values = slices.Each(_tasks.Length, evidence.FlopsOf(0, prior), i => evidence.EvaluateTask(_tasks[i], prior));
        EvidenceValue sum = Weighted(0, values);
        double observations = WeightOf(0) * values[0].Observations;
        for (int i = 1; i < values.Length; i++)
        {
            sum += Weighted(i, values);
            observations += WeightOf(i) * values[i].Observations;
        }

        return sum with { Observations = (int)Math.Max(1, Math.Round(observations)) };
    }

    private double WeightOf(int i) => weights?[_tasks[i]] ?? 1;

    private EvidenceValue Weighted(int i, EvidenceValue[] values)
    {
        double weight = WeightOf(i);
        EvidenceValue value = values[i];
        return weight == 1 ? value : value with
        {
            LogEvidence = weight * value.LogEvidence,
            Gradient = new EvidenceGradient(
                [.. value.Gradient.LogBlockScales.Select(g => weight * g)], [.. value.Gradient.LogNoiseVariance.Select(g => weight * g)]),
        };
    }
}
