using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.Choices;

/// <summary>
/// The linearised network under a fleet prior with one scale per block, and directions where they are asked for. The noise that it learns, and how far tasks
/// differ, is that of all candidates.
/// </summary>
internal sealed class FullCandidate : ICandidate
{
    private readonly SourceNetwork _network;
    private readonly FleetFitOptions _options;
    private FleetEvidence? _evidence;
    private Prior? _prior;

    /// <param name="network">The network; borrowed.</param>
    /// <param name="seed">Seeds what is random in the fit.</param>
    /// <param name="rank">How many directions; null for what held-out tasks decide.</param>
    internal FullCandidate(SourceNetwork network, int seed, int? rank = 0)
    {
        _network = network;
        _options = new FleetFitOptions { Seed = seed, NoisePerOutput = false, LearnsSpread = true, Rank = rank };
        _options = rank == 0 ? _options with { MaxIterations = 40, Tolerance = 1e-3 } : _options;
    }

    public string Name => CandidateNames.Full;

    /// <summary>What is believed about the noise of the tasks that count for this candidate.</summary>
    internal SharedNoise Noise => new(Learned().NoiseVariance[0], Learned().Spread);

    public void Load(IReadOnlyList<TaskData> tasks, IComputeSlices slices) => _evidence = slices.Run(0, () => new FleetEvidence(_network, tasks, _options));

    /// <summary>
    /// Learns scales and noise from tasks of which some must count. Directions are learned once, when all tasks count the same: their derivatives know no weights.
    /// </summary>
    internal void LearnWithNoise(IReadOnlyList<double> weights, IComputeSlices slices) => _prior = _options.Rank == 0 || _prior is null
        ? new SlicedFleetEvidence(Loaded(), weights, slices).Fit(_network.Model.Spec, _options)
        : _prior;

    /// <summary>Does nothing: <see cref="LearnWithNoise"/> came before, and gave the noise.</summary>
    public void Learn(IReadOnlyList<double> weights, SharedNoise noise, IComputeSlices slices)
    {
    }

    public double[] LogEvidences(IComputeSlices slices)
    {
        // A task that could spoil a prior has no evidence under it: another candidate explains it.
        IReadOnlyList<TaskSpectra?> spectra = new SlicedFleetEvidence(Loaded(), null, slices).Spectra(Learned());
        return [.. spectra.Select(task => Evidence(task?.Whole))];
    }

    public double LogEvidence(TaskData data) => Evidence(OwnSpread.SpectrumOf(_network, data, Learned()));

    public ITaskModel Model(TaskData data) => new PosteriorModel(TaskPosterior.Fit(_network, data, Learned()));

    public void Dispose() => _evidence?.Dispose();

    // A spectrum is in units of the prior's scales and noise.
    private double Evidence(Spectrum? spectrum) =>
        spectrum is null ? double.NegativeInfinity : CandidateEvidence.Of(spectrum, 1, new SharedNoise(1, Learned().Spread));

    private FleetEvidence Loaded() => _evidence ?? throw new InvalidOperationException("The tasks come first: call Load.");

    private Prior Learned() => _prior ?? throw new InvalidOperationException("The fleet comes first: call Learn.");
}
