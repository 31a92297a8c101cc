using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// Learns the prior's shift d0 and directions U beside its scales and noise: from where the evidence rises most steeply, by a quasi-Newton method in units of
/// the prior, until held-out tasks gain no more; then once more from all tasks, as far as that. How many directions is decided by the held-out tasks too.
/// </summary>
/// <remarks>Products with J and J^T of r + 1 columns only: nothing of the size of observations times parameters.</remarks>
internal sealed class DirectionSearch
{
    private const int PowerIterations = 6;
    private const double Probe = 1e-5; // directions so short that the covariances do not see them
    private const double LeastAmplitude = 0.05;
    private const int Patience = 12;
    private const double StandardErrors = 2; // by which more directions must be better for tasks that they were not learned from

    private readonly IFleetEvidence _all;
    private readonly NetworkSpec _spec;
    private readonly FleetFitOptions _options;
    private readonly Prior _fitted;
    private readonly double[] _least;
    private readonly Action<FleetEvidenceValue> _report;
    private readonly CancellationToken _cancellation;
    private readonly HashSet<int> _heldOut;
    private readonly List<RankScore> _scores = [];
    private IFleetEvidence _evidence; // of many tasks a sample, until what was found is learned from all

    /// <param name="evidence">The fleet.</param>
    /// <param name="spec">The network.</param>
    /// <param name="options">How many directions, and how.</param>
    /// <param name="fitted">The fleet's prior without directions.</param>
    /// <param name="report">Told after every evaluation.</param>
    /// <param name="cancellation">Looked at before every evaluation.</param>
    internal DirectionSearch(
        IFleetEvidence evidence, NetworkSpec spec, FleetFitOptions options, Prior fitted, Action<FleetEvidenceValue> report, CancellationToken cancellation)
    {
        _all = evidence;
        _evidence = FleetSample.Of(evidence, options.MinibatchTasks, options.Seed) ?? evidence;
        _spec = spec;
        _options = options;
        _fitted = fitted;
        _report = report;
        _cancellation = cancellation;
        FleetSummary summary = evidence.Summary;
        double residual = summary.MeanSquares / summary.Observations;
        _least = [.. summary.BlockVariances.Select(v => 0.002 * residual / Math.Max(v / summary.Observations, 1e-12) / spec.Blocks.Length)];
        _heldOut = HeldOut(_evidence, options);
    }

    /// <summary>What was tried, in its order.</summary>
    internal IReadOnlyList<RankScore> Scores => _scores;

    internal int Iterations { get; private set; }

    /// <summary>The prior with the directions that are asked for, or with the best number of them, which may be none.</summary>
    internal Prior Run()
    {
        Trial best = Scored(0, 0, Evaluate(_fitted, _heldOut));
        _scores.Add(best.Score);
        foreach (int rank in _options.Rank is { } wanted ? [wanted] : Candidates())
        {
            Trial trial = Try(rank);
            _scores.Add(trial.Score);
            if (_options.Rank is null && !IsBetter(trial, best))
            {
                break;
            }

            best = trial;
        }

        return best.Score.Rank == 0 ? _fitted : Learn(best.Score.Rank, best.Score.Iterations);
    }

    // Task by task: tasks differ much more from each other than two priors differ for one of them.
    private static bool IsBetter(Trial trial, Trial than)
    {
        double[] gains = [.. trial.HeldOut.Zip(than.HeldOut, (a, b) => a - b)];
        double mean = gains.Average();
        double variance = gains.Sum(gain => (gain - mean) * (gain - mean)) / Math.Max(1, gains.Length - 1);
        return mean > StandardErrors * Math.Sqrt(variance / gains.Length);
    }

    private IEnumerable<int> Candidates()
    {
        for (int rank = 1; rank <= _options.MaxRank; rank *= 2)
        {
            yield return rank;
        }
    }

    private Trial Try(int rank)
    {
        MoveCoordinates coordinates = Coordinates(rank);
        FleetEvidenceValue? last = null;
        var descent = new LimitedMemoryDescent(x => Objective(coordinates, x, _heldOut, value => last = value), coordinates.Start(Initial(coordinates, _heldOut)));
        Trial best = Scored(rank, 0, last!);
        for (int i = 1; i <= _options.MaxIterations && i <= best.Score.Iterations + Patience && descent.Step(); i++)
        {
            Iterations++;
            Trial trial = Scored(rank, i, last!);
            best = trial.Score.HeldOutLogEvidence > best.Score.HeldOutLogEvidence ? trial : best;
        }

        return best;
    }

    private Prior Learn(int rank, int iterations)
    {
        _evidence = _all;
        MoveCoordinates coordinates = Coordinates(rank);
        var descent = new LimitedMemoryDescent(x => Objective(coordinates, x, null, _ => { }), coordinates.Start(Initial(coordinates, null)));
        for (int i = 0; i < iterations && descent.Step(); i++)
        {
            Iterations++;
        }

        return coordinates.PriorAt(descent.X);
    }

    internal MoveCoordinates Coordinates(int rank) => new(_spec, _options.Scales, _fitted, _least, rank);

    private (double Value, double[] Gradient)? Objective(MoveCoordinates coordinates, double[] x, IReadOnlySet<int>? heldOut, Action<FleetEvidenceValue> seen)
    {
        Prior prior = coordinates.PriorAt(x);
        if (prior.BlockScales.Concat(prior.NoiseVariance).Any(v => !double.IsFinite(v)) || prior.NoiseVariance.Any(v => v <= 0))
        {
            return null;
        }

        FleetEvidenceValue value = Evaluate(prior, heldOut);
        if (!double.IsFinite(value.Sum.LogEvidence))
        {
            return null;
        }

        seen(value);
        return (-value.Sum.LogEvidence / value.Sum.Observations, coordinates.Gradient(value));
    }

    // The evidence is flat where U = 0, and curved as J^T (alpha alpha^T - C^-1) J is: the leading vectors of that, by power iteration, with lengths at which
    // the covariances would have the size that the residuals show. In the prior's units no eigenvalue is below -T, so T is what makes all of them positive.
    internal double[] Initial(MoveCoordinates coordinates, IReadOnlySet<int>? heldOut)
    {
        int p = _spec.ParameterCount;
        int r = coordinates.Rank;
        double[] vectors = new SeededRandom(_options.Seed, stream: 11).Normals(p * r);
        Orthonormalise(vectors, r);
        var amplitudes = new double[r];
        for (int i = 0; i < PowerIterations && r > 0; i++)
        {
            double[] x = coordinates.Start(Array.ConvertAll(vectors, v => Probe * v));
            FleetEvidenceValue value = Evaluate(coordinates.PriorAt(x), heldOut);
            int tasks = value.Tasks.Length - (heldOut?.Count ?? 0);
            double[] gradient = coordinates.Gradient(value);
            double unit = -value.Sum.Observations / (Probe * tasks);
            for (int k = 0; k < r; k++)
            {
                double quotient = 0;
                for (int j = 0; j < p; j++)
                {
                    double image = unit * gradient[coordinates.Logarithms + (j * (r + 1)) + k];
                    quotient += image * vectors[(j * r) + k];
                    vectors[(j * r) + k] += image;
                }

                amplitudes[k] = Math.Sqrt(Math.Max(quotient, LeastAmplitude));
            }

            Orthonormalise(vectors, r);
        }

        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] *= amplitudes[i % r];
        }

        return vectors;
    }

    // Gram and Schmidt, twice per column: once leaves what rounding brought.
    private static void Orthonormalise(double[] vectors, int columns)
    {
        int rows = columns == 0 ? 0 : vectors.Length / columns;
        for (int k = 0; k < columns; k++)
        {
            for (int other = 0; other < 2 * k; other++)
            {
                double along = Product(k, other % k);
                for (int j = 0; j < rows; j++)
                {
                    vectors[(j * columns) + k] -= along * vectors[(j * columns) + (other % k)];
                }
            }

            double length = Math.Sqrt(Product(k, k));
            for (int j = 0; j < rows; j++)
            {
                vectors[(j * columns) + k] /= length;
            }
        }

        double Product(int a, int b)
        {
            double sum = 0;
            for (int j = 0; j < rows; j++)
            {
                sum += vectors[(j * columns) + a] * vectors[(j * columns) + b];
            }

            return sum;
        }
    }

    private FleetEvidenceValue Evaluate(Prior prior, IReadOnlySet<int>? heldOut)
    {
        _cancellation.ThrowIfCancellationRequested();
        FleetEvidenceValue value = _evidence.Evaluate(prior, heldOut);
        _report(value);
        return value;
    }

    private Trial Scored(int rank, int iterations, FleetEvidenceValue value)
    {
        TaskScore[] scores = [.. value.Tasks.Where(score => _heldOut.Contains(score.Task))];
        double[] evidence = Array.ConvertAll(scores, score => score.LogEvidence);
        return new Trial(new RankScore(rank, evidence.Sum() / scores.Sum(score => (double)score.Observations), iterations), evidence);
    }

    private static HashSet<int> HeldOut(IFleetEvidence evidence, FleetFitOptions options)
    {
        int[] included = [.. Enumerable.Range(0, evidence.TaskCount).Except(evidence.Excluded.Select(task => task.Task))];
        if (included.Length < 2)
        {
            throw new ArgumentException("Directions are learned from at least two tasks.", nameof(evidence));
        }

        new SeededRandom(options.Seed, stream: 13).Shuffle<int>(included);
        return [.. included[..Math.Clamp((int)Math.Round(options.HeldOutFraction * included.Length), 1, included.Length - 1)]];
    }

    /// <summary>A number of directions with the log evidence of every held-out task.</summary>
    private sealed record Trial(RankScore Score, double[] HeldOut);
}
