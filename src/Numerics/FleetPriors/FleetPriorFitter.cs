using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;
using MathNet.Numerics.LinearAlgebra;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// Empirical Bayes over many tasks: maximises sum_t log p(y_t | X_t, theta, sigma^2) over log theta and log sigma^2 by steps of the average information
/// within a trust region, and leaves out tasks that could spoil the prior for the others.
/// </summary>
/// <remarks>
/// Average information: Gilmour, Thompson and Cullis, <em>Average information REML</em>, 1995. Deviations: in logarithms, within a trust region, with soft
/// bounds (see the design page); the best point seen is returned.
/// </remarks>
public static class FleetPriorFitter
{
    private const int MostRounds = 4;

    /// <summary>Where a sample's own optimum is off by more: it need not be found better.</summary>
    private const double SampleTolerance = 1e-3;

    /// <summary>Learns the prior scales and the noise, and what the options ask for beside them.</summary>
    /// <param name="evidence">The fleet.</param>
    /// <param name="spec">The source network.</param>
    /// <param name="options">The same options that the evidence was made with.</param>
    /// <param name="progress">Optional: told after every evaluation.</param>
    /// <param name="cancellation">Looked at before every evaluation.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the fleet does not fit the network or has no task that can take part.</exception>
    /// <exception cref="NumericsException">The evidence could not be computed at the starting point.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static FleetFit Fit(
        IFleetEvidence evidence, NetworkSpec spec, FleetFitOptions options, IProgress<FleetFitProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (evidence.Summary.Observations < 1 || evidence.Summary.BlockVariances.Length != spec.Blocks.Length)
        {
            throw new ArgumentException("The fleet has no observations, or belongs to another network.", nameof(evidence));
        }

        var run = new Run(evidence, spec, options, progress, cancellation);
        run.Maximise();
        FleetFit fit = run.Result();
        fit = options.Rank == 0 ? fit : run.WithDirections(fit);
        return options.LearnsSpread ? run.WithSpread(fit) : fit;
    }

    private sealed class Run(
        IFleetEvidence evidence, NetworkSpec spec, FleetFitOptions options, IProgress<FleetFitProgress>? progress, CancellationToken cancellation)
    {
        private FleetObjective _objective = null!;
        private FleetPoint _best = null!;
        private double _initial;
        private int _iterations;
        private int _evaluations;
        private FitStatus _status;

        // Tasks that the fitted prior does not explain at all are left out, and the fit goes on from where it is, until none is left to leave out.
        internal void Maximise()
        {
            Vector<double>? from = SampleOptimum();
            for (int round = 0; round < MostRounds; round++)
            {
                _objective = new FleetObjective(evidence, spec, options, cancellation);
                FleetPoint start = Start(from ?? _objective.Start);
                _initial = from is null ? start.Evidence : _initial;
                Descend(start, options.Tolerance);
                _evaluations += _objective.Evaluations;
                IReadOnlyList<ExcludedTask> strangers = FleetScreen.ByMisfit(_best.Tasks);
                if (strangers.Count == 0)
                {
                    return;
                }

                evidence.Exclude(strangers);
                from = _best.X;
            }
        }

        // Many tasks agree on the way long before they agree on its end: a sample of them goes first, and all of them take the last steps.
        private Vector<double>? SampleOptimum()
        {
            if (FleetSample.Of(evidence, options.MinibatchTasks, options.Seed) is not { } sample)
            {
                return null;
            }

            _objective = new FleetObjective(sample, spec, options, cancellation);
            FleetPoint? start = _objective.TryEvaluate(_objective.Start);
            if (start is not null)
            {
                _initial = start.Evidence;
                Descend(start, SampleTolerance);
            }

            _evaluations += _objective.Evaluations;
            return start is null ? null : _best.X;
        }

        internal FleetFit Result()
        {
            FleetSummary summary = evidence.Summary;
            double residual = Math.Max(summary.SourceSquares / summary.Observations, double.Epsilon);
            return new FleetFit(
                _objective.PriorAt(_best.X) with { SourceResidualVariance = residual },
                _best.Evidence,
                _initial,
                -0.5 * (1 + Math.Log(2 * Math.PI * residual)),
                _iterations,
                _evaluations,
                _status,
                residual,
                _best.GradientNorm)
            {
                Excluded = evidence.Excluded,
            };
        }

        // The shift and the directions start from the fitted scales and noise, which then move with them.
        internal FleetFit WithDirections(FleetFit fit)
        {
            int evaluations = fit.Evaluations;
            var search = new DirectionSearch(
                evidence,
                spec,
                options,
                fit.Prior,
                value =>
                {
                    evaluations++;
                    progress?.Report(new FleetFitProgress(evaluations, value.Sum.LogEvidence / value.Sum.Observations, double.NaN));
                },
                cancellation);
            Prior prior = search.Run();
            FleetEvidenceValue at = evidence.Evaluate(prior);
            return fit with
            {
                Prior = prior,
                LogEvidencePerObservation = at.Sum.LogEvidence / at.Sum.Observations,
                Iterations = fit.Iterations + search.Iterations,
                Evaluations = evaluations + 1,
                Ranks = [.. search.Scores],
            };
        }

        // The prior becomes the mean over the tasks; without spread it stays as it is, to the bit.
        internal FleetFit WithSpread(FleetFit fit)
        {
            cancellation.ThrowIfCancellationRequested();
            SpreadFit learned = SpreadLearner.Learn(evidence.Spectra(fit.Prior));
            return learned.Spread.IsNone
                ? fit
                : fit with { Prior = fit.Prior.At(learned.Centre) with { Spread = learned.Spread }, SpreadGain = learned.Gain };
        }

        private FleetPoint Start(Vector<double> x)
        {
            FleetPoint? start = _objective.TryEvaluate(x);
            if (start is null)
            {
                IReadOnlyList<ExcludedTask> unusable = _objective.Unusable(x);
                if (unusable.Count > 0 && unusable.Count < evidence.TaskCount - evidence.Excluded.Length)
                {
                    evidence.Exclude(unusable);
                    start = _objective.TryEvaluate(x);
                }
            }

            return start ?? throw new NotPositiveDefiniteException("covariance of the observations at the fit's start", evidence.Summary.Observations, Tensors.Factorisation.LargestJitter);
        }

        private void Descend(FleetPoint start, double tolerance)
        {
            var region = new TrustRegion(_objective.TryEvaluate, start, tolerance);
            _best = start;
            Report();
            while (!region.IsConverged && !region.IsStalled && _iterations < options.MaxIterations)
            {
                region.Step();
                _best = region.Best;
                _iterations += region.IsStalled ? 0 : 1;
                Report();
            }

            _status = region.IsConverged ? FitStatus.Converged : region.IsStalled ? FitStatus.LineSearchStalled : FitStatus.IterationLimit;
        }

        private void Report() => progress?.Report(new FleetFitProgress(_evaluations + _objective.Evaluations, _best.Evidence, _best.GradientNorm));
    }
}
