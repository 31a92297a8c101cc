namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>Where a fit stands, reported after every evaluation of the fleet's evidence.</summary>
/// <param name="Evaluations">Evaluations so far.</param>
/// <param name="LogEvidencePerObservation">The best value so far, in nats per observation.</param>
/// <param name="GradientNorm">The largest derivative at the best point, in nats per observation.</param>
public sealed record FleetFitProgress(int Evaluations, double LogEvidencePerObservation, double GradientNorm);
