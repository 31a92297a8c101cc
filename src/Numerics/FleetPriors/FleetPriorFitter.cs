using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using MathNet.Numerics.Optimization;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// Empirical Bayes over many tasks: maximises sum_t log p(y_t | X_t, theta, sigma^2) over log theta and log sigma^2 with L-BFGS
/// (Nocedal and Wright, <em>Numerical Optimization</em>, 2006, section 7.2; MathNet.Numerics) and analytic gradients.
/// </summary>
/// <remarks>
/// Deviations: soft bounds (see the design page); a failed line search restarts the optimiser once from the best point, without its memory, and
/// then ends with a status; the best point seen is returned, not the last.
/// </remarks>
public static class FleetPriorFitter
{
    private const int Memory = 8;

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
        (FitStatus status, int iterations) = Run(objective, options, options.MaxIterations, cancellation);
        if (status == FitStatus.LineSearchStalled && iterations < options.MaxIterations)
        {
            (status, int more) = Run(objective, options, options.MaxIterations - iterations, cancellation);
            iterations += more;
        }

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

    private static (FitStatus Status, int Iterations) Run(FleetObjective objective, FleetFitOptions options, int iterations, CancellationToken cancellation)
    {
        if (objective.BestGradientNorm <= options.Tolerance)
        {
            return (FitStatus.Converged, 0);
        }

        var minimiser = new LimitedMemoryBfgsMinimizer(options.Tolerance / 2, 1e-7, 1e-10, Memory, iterations);
        try
        {
            MinimizationResult result = minimiser.FindMinimum(ObjectiveFunction.Gradient(objective.Evaluate), objective.Best);
            return (FitStatus.Converged, result.Iterations);
        }
        catch (MaximumIterationsException)
        {
            return (objective.BestGradientNorm <= options.Tolerance ? FitStatus.Converged : FitStatus.IterationLimit, iterations);
        }
        catch (OptimizationException)
        {
            cancellation.ThrowIfCancellationRequested();
            return (objective.BestGradientNorm <= options.Tolerance ? FitStatus.Converged : FitStatus.LineSearchStalled, 0);
        }
    }
}
