using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.Choices;

/// <summary>
/// Several explanations of a task and how often each is the right one, learned from the fleet by expectation-maximisation: p(y_t) = sum_c pi_c p_c(y_t).
/// In the expectation step a task's responsibilities are its evidences under the weights; in the maximisation step the weights are their means, and
/// every candidate's own prior is learned anew with the tasks weighted by them, so that a few odd tasks do not widen the prior of the others. The noise is
/// learned with the full Jacobian's scales and shared by all; both from every task that is explained by the network in some way, since the
/// candidates before the residual one are its special cases.
/// </summary>
/// <remarks>
/// Dempster, Laird and Rubin 1977; Bishop, <em>Pattern Recognition and Machine Learning</em>, 2006, section 9.3. Deviations: a fixed number of rounds; one
/// pseudo-task per candidate, so that no weight becomes zero; a candidate without
/// tasks learns from all of them.
/// </remarks>
internal sealed class CandidateMixture : IDisposable
{
    private readonly int _rounds;
    private readonly int _mostTasks;
    private readonly int _mostRows;
    private readonly int _seed;
    private readonly FullCandidate _full;
    private readonly ICandidate[] _candidates;
    private double[] _weights;
    private bool _learned;

    internal CandidateMixture(SourceNetwork source, SourceNetwork lastLayer, int seed, int? rank = 0, int rounds = 5, int mostTasks = 400)
    {
        _full = new FullCandidate(source, seed, rank);
        _mostRows = Math.Max(1, TaskSpectrum.MostObservations / source.Model.Spec.Outputs);
        _candidates =
        [
            new ShiftCandidate(CandidateNames.None, source, shifts: false),
            new ShiftCandidate(CandidateNames.Shift, source, shifts: true),
            new LastLayerCandidate(lastLayer),
            _full,
            new ResidualCandidate(source),
        ];
        _rounds = rounds;
        _mostTasks = mostTasks;
        _seed = seed;
        _weights = [.. Enumerable.Repeat(1.0 / _candidates.Length, _candidates.Length)];
    }

    /// <summary>The candidates' names, in order.</summary>
    internal IReadOnlyList<string> Names => [.. _candidates.Select(candidate => candidate.Name)];

    /// <summary>How often each is the right one; positive, their sum is 1.</summary>
    internal IReadOnlyList<double> Weights => _weights;

    /// <summary>Learns, once; a larger fleet gives a seeded sample of its tasks. From outside of a slice.</summary>
    internal void Learn(IReadOnlyList<TaskData> tasks, IComputeSlices slices)
    {
        if (_learned)
        {
            return;
        }

        if (tasks.Count > _mostTasks)
        {
            int[] sample = new SeededRandom(_seed, tasks.Count).Permutation(tasks.Count)[.._mostTasks];
            Array.Sort(sample);
            tasks = [.. sample.Select(t => tasks[t])];
        }

        foreach (ICandidate candidate in _candidates)
        {
            candidate.Load(tasks, slices);
        }

        double[][] responsibilities = [.. _candidates.Select(_ => Enumerable.Repeat(1.0, tasks.Count).ToArray())];
        double[] network = responsibilities[0];
        for (int round = 0; round <= _rounds; round++)
        {
            LearnCandidates(responsibilities, network, slices);
            responsibilities = Responsibilities(slices);
            network = [.. responsibilities[^1].Select(residual => 1 - residual)];
            _weights = [.. responsibilities.Select(r => (r.Sum() + 1) / (tasks.Count + _candidates.Length))];
        }

        _learned = true;
    }

    /// <summary>
    /// The candidates' models of a task with their probabilities, which a larger task's seeded sample of rows gives. Within a slice; the caller disposes it.
    /// </summary>
    /// <param name="data">The task.</param>
    /// <param name="combines">Whether every candidate that has a say gets a model; otherwise the likeliest alone.</param>
    internal MixtureModel Fit(TaskData data, bool combines = true)
    {
        TaskData few = OwnSpread.Sample(data, _mostRows);
        double[] probabilities = Normalise([.. _candidates.Select((candidate, c) => candidate.LogEvidence(few) + Math.Log(_weights[c]))]);
        double least = combines ? Math.Min(MixtureModel.Negligible, probabilities.Max()) : probabilities.Max();
        var models = new ITaskModel?[_candidates.Length];
        try
        {
            for (int c = 0; c < models.Length; c++)
            {
                models[c] = probabilities[c] >= least ? _candidates[c].Model(data) : null;
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

    public void Dispose()
    {
        foreach (ICandidate candidate in _candidates)
        {
            candidate.Dispose();
        }
    }

    internal static double[] Normalise(double[] logs)
    {
        double most = logs.Max();
        double[] powers = Array.ConvertAll(logs, l => Math.Exp(l - most));
        double sum = powers.Sum();
        return Array.ConvertAll(powers, p => p / sum);
    }

    private void LearnCandidates(double[][] responsibilities, double[] network, IComputeSlices slices)
    {
        const double Enough = 1; // tasks
        if (network.Sum() > Enough)
        {
            _full.LearnWithNoise(network, slices);
        }

        for (int c = 0; c < _candidates.Length; c++)
        {
            double[] weights = responsibilities[c].Sum() > Enough ? responsibilities[c] : [.. Enumerable.Repeat(1.0, responsibilities[c].Length)];
            _candidates[c].Learn(weights, _full.Noise, slices);
        }
    }

    // Per candidate, per task.
    private double[][] Responsibilities(IComputeSlices slices)
    {
        double[][] evidences = [.. _candidates.Select(candidate => candidate.LogEvidences(slices))];
        int tasks = evidences[0].Length;
        double[][] responsibilities = [.. _candidates.Select(_ => new double[tasks])];
        for (int t = 0; t < tasks; t++)
        {
            double[] shares = Normalise([.. evidences.Select((e, c) => e[t] + Math.Log(_weights[c]))]);
            for (int c = 0; c < shares.Length; c++)
            {
                responsibilities[c][t] = shares[c];
            }
        }

        return responsibilities;
    }
}
