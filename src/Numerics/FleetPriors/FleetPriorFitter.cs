using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using MathNet.Numerics.Optimization;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// Empirical Bayes over many tasks: maximises sum_t log p(y_t | X_t, theta, sigma^2) over log theta and log sigma^2 with L-BFGS
/// (Nocedal and Wright, <em>Numerical Optimization</em>, 2006, section 7.2; MathNet.Numerics) and analytic gradients.
/// </summary>
/// <remarks>
/// Deviations: soft bounds (see the design page); a run that ends early is followed by another from the best point, without its memory, while that
/// gains something, and then the fit ends with a status; the best point seen is returned, not the last.
/// </remarks>
public static class FleetPriorFitter
{
    private const int Memory = 8;
    private const double SmallestGain = 1e-7; // nats per observation: what a further run must have gained

    /// <summary>Learns the prior scales and the noise.</summary>
    /// <param name="evidence">The fleet.</param>
    /// <param name="spec">The source network.</param>
    /// <param name="options">The same options that the evidence was made with.</param>
    /// <param name="progress">Optional: told after every evaluation.</param>
    /// <param name="cancellation">Looked at before every evaluation.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the fleet does not fit the network.</exception>
    /// <exception cref="NumericsException">The evidence could not be computed at the starting point.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static FleetFit Fit(
        IFleetEvidence evidence, NetworkSpec spec, FleetFitOptions options, IProgress<FleetFitProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        FleetSummary summary = evidence.Summary;
        if (summary.Observations < 1 || summary.BlockVariances.Length != spec.Blocks.Length)
        {
            throw new ArgumentException("The fleet has no observations, or belongs to another network.", nameof(evidence));
        }

        var objective = new FleetObjective(evidence, spec, options, progress, cancellation);
        objective.Evaluate(objective.Start);
        (FitStatus status, int iterations) = Maximise(objective, options, cancellation);
        double residual = Math.Max(summary.SourceSquares / summary.Observations, double.Epsilon);
        return new FleetFit(
            objective.PriorAt(objective.Best) with { SourceResidualVariance = residual },
            objective.BestEvidence,
            objective.InitialEvidence,
            -0.5 * (1 + Math.Log(2 * Math.PI * residual)),
            iterations,
            objective.Evaluations,
            status,
            residual,
            objective.BestGradientNorm);
    }

    // MathNet ends for reasons of its own (a relative gradient, a short step, a failed line search): what counts here is the gradient at the best
    // point. While it is too large and a run still gains something, another run starts from there without the old curvature.
    private static (FitStatus Status, int Iterations) Maximise(FleetObjective objective, FleetFitOptions options, CancellationToken cancellation)
    {
        int iterations = 0;
        while (objective.BestGradientNorm > options.Tolerance)
        {
            if (iterations >= options.MaxIterations)
            {
                return (FitStatus.IterationLimit, iterations);
            }

            double before = objective.BestValue;
            iterations += Run(objective, options.Tolerance, options.MaxIterations - iterations, cancellation);
            if (before - objective.BestValue < SmallestGain && iterations < options.MaxIterations)
            {
                return (objective.BestGradientNorm <= options.Tolerance ? FitStatus.Converged : FitStatus.LineSearchStalled, iterations);
            }
        }

        return (FitStatus.Converged, iterations);
    }

    private static int Run(FleetObjective objective, double tolerance, int iterations, CancellationToken cancellation)
    {
        var minimiser = new LimitedMemoryBfgsMinimizer(tolerance / 10, 1e-9, 1e-12, Memory, iterations);
        int before = objective.Improvements;
        try
        {
            return Math.Max(1, minimiser.FindMinimum(ObjectiveFunction.Gradient(objective.Evaluate), objective.Best).Iterations);
        }
        catch (MaximumIterationsException)
        {
            return iterations;
        }
        catch (OptimizationException)
        {
            // The number of iterations is lost with the exception: improvements of the best point stand for them.
            cancellation.ThrowIfCancellationRequested();
            return Math.Clamp(objective.Improvements - before, 1, iterations);
        }
    }
}
