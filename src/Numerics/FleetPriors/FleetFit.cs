using System.Collections.Immutable;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>A learned fleet prior. Equality is by content.</summary>
/// <param name="Prior">The best prior that was seen; carries the source residual variance.</param>
/// <param name="LogEvidencePerObservation">Its log evidence, in nats per observation of standardised targets.</param>
/// <param name="InitialLogEvidencePerObservation">The same at the start.</param>
/// <param name="SourceLogEvidencePerObservation">The same for "no adaptation": independent residuals with the source residual variance.</param>
/// <param name="Iterations">Iterations of the optimiser.</param>
/// <param name="Evaluations">Evaluations of the fleet's evidence.</param>
/// <param name="Status">How the fit of scales and noise ended.</param>
/// <param name="SourceResidualVariance">The mean squared residual of the source network over the fleet's rows, in standardised units squared.</param>
/// <param name="GradientNorm">The largest derivative with respect to a log-parameter where the fit of scales and noise ended, in nats per observation.</param>
public sealed record FleetFit(
    Prior Prior,
    double LogEvidencePerObservation,
    double InitialLogEvidencePerObservation,
    double SourceLogEvidencePerObservation,
    int Iterations,
    int Evaluations,
    FitStatus Status,
    double SourceResidualVariance,
    double GradientNorm)
{
    /// <summary>The tasks that took no part, each with the reason.</summary>
    public ImmutableArray<ExcludedTask> Excluded { get; init; } = [];

    /// <summary>The numbers of directions that were tried; empty where none was asked for. The first is 0: scales and noise alone.</summary>
    public ImmutableArray<RankScore> Ranks { get; init; } = [];

    /// <summary>
    /// What it is worth that tasks have a noise and a scale of their own: how much better half of a task's rows predict the other half, in nats per
    /// observation; 0 where the prior has no spread.
    /// </summary>
    public double SpreadGain { get; init; }

    /// <inheritdoc/>
    public bool Equals(FleetFit? other) =>
        other is not null && Prior == other.Prior && Iterations == other.Iterations && Evaluations == other.Evaluations && Status == other.Status
        && LogEvidencePerObservation.Equals(other.LogEvidencePerObservation) && InitialLogEvidencePerObservation.Equals(other.InitialLogEvidencePerObservation)
        && SourceLogEvidencePerObservation.Equals(other.SourceLogEvidencePerObservation) && SourceResidualVariance.Equals(other.SourceResidualVariance)
        && GradientNorm.Equals(other.GradientNorm) && SpreadGain.Equals(other.SpreadGain) && Excluded.AsSpan().SequenceEqual(other.Excluded.AsSpan())
        && Ranks.AsSpan().SequenceEqual(other.Ranks.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Prior, LogEvidencePerObservation, Evaluations);
}
