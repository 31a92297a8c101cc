using AdaptCluster.Numerics.Solvers;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>An estimate of a log evidence and its gradient, how sure it is, and whether its systems were solved.</summary>
/// <param name="Value">The estimates. An answer only where <paramref name="Status"/> is <see cref="SolveStatus.Converged"/>.</param>
/// <param name="LogEvidenceError">The standard error of the log evidence, from the scatter of the probes; in nats.</param>
/// <param name="GradientErrors">The standard errors of the gradient.</param>
/// <param name="Status">Converged, or the status of the system that fared worst, whose documentation has the remedy.</param>
/// <param name="RelativeResidual">The largest |b - C x| / |b| of all systems, with the residual computed anew.</param>
/// <param name="Iterations">Products with the kernel that conjugate gradients took.</param>
/// <param name="PreconditionerRank">Columns of the preconditioner.</param>
public sealed record StochasticEvidenceValue(
    EvidenceValue Value, double LogEvidenceError, EvidenceGradient GradientErrors, SolveStatus Status, double RelativeResidual, int Iterations, int PreconditionerRank)
{
    /// <summary>The evidence of two independent parts together: values add, standard errors add in squares.</summary>
    internal static StochasticEvidenceValue Sum(StochasticEvidenceValue left, StochasticEvidenceValue right) => new(
        left.Value + right.Value,
        Hypotenuse(left.LogEvidenceError, right.LogEvidenceError),
        new EvidenceGradient(
            [.. left.GradientErrors.LogBlockScales.Zip(right.GradientErrors.LogBlockScales, Hypotenuse)],
            [.. left.GradientErrors.LogNoiseVariance.Zip(right.GradientErrors.LogNoiseVariance, Hypotenuse)]),
        (SolveStatus)Math.Max((int)left.Status, (int)right.Status),
        Math.Max(left.RelativeResidual, right.RelativeResidual),
        left.Iterations + right.Iterations,
        Math.Max(left.PreconditionerRank, right.PreconditionerRank));

    private static double Hypotenuse(double a, double b) => Math.Sqrt((a * a) + (b * b));
}
