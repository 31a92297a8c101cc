using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Diagnostics;

/// <summary>What one adaptation rests on and how far it can be trusted, from a sample of the task's own rows.</summary>
/// <param name="Rows">The rows looked at, m.</param>
/// <param name="Gain">How much better a left-out observation is predicted than by the source network, in nats per observation.</param>
/// <param name="GainError">Its standard error, over the observations.</param>
/// <param name="MeanSquaredError">Leave-one-out, in target units squared.</param>
/// <param name="Calibration">How many observations their intervals hold, at several levels.</param>
/// <param name="LinearisationError">
/// The network with its weights moved by the posterior mean, against its linearisation there: root mean square of the difference over that of the change. 0: the
/// linear model is exact; above about 0.3 the two are different functions. Null where the weights cannot be moved (a TorchScript program), the
/// moved network overflows, or nothing changes.
/// </param>
/// <param name="Spectrum">
/// The largest eigenvalues of the kernel over the noise, for all n observations, descending: a direction of the data with one far above 1 is determined by them,
/// one far below 1 stays as the prior has it. Scaled by n/m where only a sample was looked at.
/// </param>
/// <param name="EffectiveDimension">The sum of l / (1 + l) over all eigenvalues l: how many directions the data determine.</param>
/// <param name="Similarity">The task's rows against the source's; null where rows of the source are not known.</param>
public sealed record Diagnosis(
    int Rows,
    double Gain,
    double GainError,
    double MeanSquaredError,
    ImmutableArray<CalibrationPoint> Calibration,
    double? LinearisationError,
    ImmutableArray<double> Spectrum,
    double EffectiveDimension,
    JacobianSimilarity? Similarity);
