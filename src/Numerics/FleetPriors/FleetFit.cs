using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>A learned fleet prior.</summary>
/// <param name="Prior">The best prior that was seen; carries the source residual variance.</param>
/// <param name="LogEvidencePerObservation">Its log evidence, in nats per observation of standardised targets.</param>
/// <param name="InitialLogEvidencePerObservation">The same at the start.</param>
/// <param name="SourceLogEvidencePerObservation">The same for "no adaptation": independent residuals with the source residual variance.</param>
/// <param name="Iterations">Iterations of the optimiser.</param>
/// <param name="Evaluations">Evaluations of the fleet's evidence.</param>
/// <param name="Status">How it ended.</param>
/// <param name="SourceResidualVariance">The mean squared residual of the source network over the fleet's rows, in standardised units squared.</param>
/// <param name="GradientNorm">The largest derivative with respect to a log-parameter at the returned prior, in nats per observation.</param>
public sealed record FleetFit(
    Prior Prior,
    double LogEvidencePerObservation,
    double InitialLogEvidencePerObservation,
    double SourceLogEvidencePerObservation,
    int Iterations,
    int Evaluations,
    FitStatus Status,
    double SourceResidualVariance,
    double GradientNorm);
