using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.Choices;

/// <summary>
/// The source network plus a Gaussian process with an RBF kernel on the inputs. The scale is the fleet's; the lengthscale is a task's own, one of a list, and how
/// often each occurs is learned from the fleet (a distribution without a form, by expectation-maximisation): a task's evidence and its prediction
/// are the mixture's over its lengthscales.
/// </summary>
/// <remarks>Laird, <em>Nonparametric maximum likelihood estimation of a mixing distribution</em>, 1978.</remarks>
internal sealed class ResidualCandidate(SourceNetwork source) : ICandidate
{
    private const int Lengthscales = 13; // half octaves
    private const int Above = 4; // of them above the median distance between two rows of a task
    private const int FirstRounds = 6;
    private const int NextRounds = 2;
    private const double Rare = 1e-3; // shares below it are not looked at in a new task
    private const double Negligible = 1e-2; // and such probabilities do not predict
    private RbfTasks? _tasks;
    private double[] _lengthscales = [];
    private double[] _shares = [];
    private double[][] _probabilities = []; // per task, per lengthscale
    private Spectrum[][] _spectra = []; // per lengthscale, per task
    private SharedNoise _noise = new(1, TaskSpread.None);
    private double _scale;

    public string Name => CandidateNames.Residual;

    public void Load(IReadOnlyList<TaskData> tasks, IComputeSlices slices)
    {
        double[][] residuals = slices.Each(tasks.Count, 1e6, t => RbfModel.ResidualsOf(source, tasks[t], aroundSource: true));
        double[][,] inputs = [.. tasks.Select(task => RbfKernel.Rows(source.Model.InputStandardisation.Apply(task.Inputs)))];
        _tasks = new RbfTasks(inputs, residuals, source.Model.Spec.Outputs, slices, source.Device);
        _lengthscales = [.. Enumerable.Range(0, Lengthscales).Select(k => _tasks.MedianDistance * Math.Pow(2, 0.5 * (k - (Lengthscales - 1 - Above))))];
        _shares = [.. Enumerable.Repeat(1.0 / Lengthscales, Lengthscales)];
        _probabilities = [.. tasks.Select(_ => _shares)];
        _spectra = Array.ConvertAll(_lengthscales, lengthscale => _tasks.Spectra(lengthscale, slices));
    }

    public void Learn(IReadOnlyList<double> weights, SharedNoise noise, IComputeSlices slices)
    {
        int rounds = _scale > 0 ? NextRounds : FirstRounds;
        _noise = noise;
        if (_scale == 0)
        {
            Begin(weights);
        }

        for (int round = 0; round < rounds; round++)
        {
            (Spectrum Spectrum, double Weight)[] counting =
            [
                .. _spectra.SelectMany((ofLength, k) => ofLength.Select((spectrum, t) => (spectrum, weights[t] * _probabilities[t][k]))).Where(pair => pair.Item2 > Rare),
            ];
            if (counting.Length == 0)
            {
                return;
            }

            _scale = CandidateEvidence.BestScale([.. counting.Select(pair => pair.Spectrum)], noise, [.. counting.Select(pair => pair.Weight)]);
            Expect();
            double total = weights.Sum() + 1;
            _shares = [.. _shares.Select((_, k) => (weights.Select((weight, t) => weight * _probabilities[t][k]).Sum() + (1.0 / Lengthscales)) / total)];
        }
    }

    public double[] LogEvidences(IComputeSlices slices) => [.. Enumerable.Range(0, _probabilities.Length).Select(t => Sum(Logarithms(k => _spectra[k][t], 0)))];

    public double LogEvidence(TaskData data)
    {
        using RbfTasks task = Of(data);
        return Sum(Logarithms(k => task.Spectra(_lengthscales[k], null)[0], Rare));
    }

    public ITaskModel Model(TaskData data)
    {
        using RbfTasks task = Of(OwnSpread.Sample(data, TaskSpectrum.MostObservations));
        var spectra = new Spectrum?[Lengthscales];
        double[] probabilities = CandidateMixture.Normalise(Logarithms(k => spectra[k] = task.Spectra(_lengthscales[k], null)[0], Rare));
        double least = Math.Min(Negligible, probabilities.Max());
        var models = new ITaskModel?[Lengthscales];
        try
        {
            for (int k = 0; k < Lengthscales; k++)
            {
                models[k] = probabilities[k] >= least ? ModelAt(data, _lengthscales[k], spectra[k]!) : null;
            }

            return new MixtureModel(models, probabilities);
        }
        catch
        {
            foreach (ITaskModel? model in models)
            {
                model?.Dispose();
            }

            throw;
        }
    }

    public void Dispose() => _tasks?.Dispose();

    // From the best lengthscale for all: a scale that is to suit every one of the list suits the longest, which need the largest, and the search stays there.
    private void Begin(IReadOnlyList<double> weights)
    {
        double best = double.NegativeInfinity;
        foreach (Spectrum[] ofLength in _spectra)
        {
            double scale = CandidateEvidence.BestScale(ofLength, _noise, weights);
            double value = ofLength.Select((spectrum, t) => weights[t] * CandidateEvidence.Of(spectrum, scale, _noise)).Sum();
            (best, _scale) = value > best ? (value, scale) : (best, _scale);
        }

        Expect();
    }

    private void Expect() => _probabilities =
        [.. Enumerable.Range(0, _probabilities.Length).Select(t => CandidateMixture.Normalise(Logarithms(k => _spectra[k][t], 0)))];

    private RbfModel ModelAt(TaskData data, double lengthscale, Spectrum spectrum)
    {
        TaskFactors own = CandidateEvidence.Factors(spectrum, _scale, _noise);
        return new RbfModel(source, data, new RbfSettings(lengthscale, _scale * own.Scale, _noise.Variance * own.Noise, 0), aroundSource: true);
    }

    // Of a task at each lengthscale, with its share; minus infinity for those that are too rare.
    private double[] Logarithms(Func<int, Spectrum> spectrum, double rare) =>
        [.. _shares.Select((share, k) => share < rare ? double.NegativeInfinity : Math.Log(share) + CandidateEvidence.Of(spectrum(k), _scale, _noise))];

    private static double Sum(double[] logarithms)
    {
        double most = logarithms.Max();
        return most + Math.Log(logarithms.Sum(l => Math.Exp(l - most)));
    }

    private RbfTasks Of(TaskData data) => new(
        [RbfKernel.Rows(source.Model.InputStandardisation.Apply(data.Inputs))],
        [RbfModel.ResidualsOf(source, data, aroundSource: true)],
        source.Model.Spec.Outputs,
        null,
        source.Device);
}
