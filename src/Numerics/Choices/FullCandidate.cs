using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Choices;

/// <summary>The linearised network under a fleet prior with one scale per block. The noise that it learns is that of all candidates.</summary>
internal sealed class FullCandidate(SourceNetwork network, int seed) : ICandidate
{
    private readonly FleetFitOptions _options = new() { Seed = seed, NoisePerOutput = false, MaxIterations = 40, Tolerance = 1e-3 };
    private FleetEvidence? _evidence;
    private Prior? _prior;

    public string Name => CandidateNames.Full;

    /// <summary>The noise of the tasks that count for this candidate, in standardised units squared.</summary>
    internal double NoiseVariance => Learned().NoiseVariance[0];

    public void Load(IReadOnlyList<TaskData> tasks, IComputeSlices slices) => _evidence = slices.Run(0, () => new FleetEvidence(network, tasks, _options));

    /// <summary>Learns scales and noise from tasks of which some must count.</summary>
    internal void LearnWithNoise(IReadOnlyList<double> weights, IComputeSlices slices) =>
        _prior = new SlicedFleetEvidence(Loaded(), weights, slices).Fit(network.Model.Spec, _options);

    /// <summary>Does nothing: <see cref="LearnWithNoise"/> came before, and gave the noise.</summary>
    public void Learn(IReadOnlyList<double> weights, double noiseVariance, IComputeSlices slices)
    {
    }

    public double[] LogEvidences(IComputeSlices slices)
    {
        // A task that could spoil a prior has no evidence under it: another candidate explains it.
        var values = new double[Loaded().TaskCount];
        Array.Fill(values, double.NegativeInfinity);
        foreach (TaskScore score in new SlicedFleetEvidence(Loaded(), null, slices).Evaluate(Learned()).Tasks)
        {
            values[score.Task] = score.LogEvidence;
        }

        return values;
    }

    public (double LogEvidence, ITaskModel Model) Fit(TaskData data)
    {
        var model = new PosteriorModel(TaskPosterior.Fit(network, data, Learned()));
        return (model.LogEvidence, model);
    }

    public void Dispose() => _evidence?.Dispose();

    private FleetEvidence Loaded() => _evidence ?? throw new InvalidOperationException("The tasks come first: call Load.");

    private Prior Learned() => _prior ?? throw new InvalidOperationException("The fleet comes first: call Learn.");
}
