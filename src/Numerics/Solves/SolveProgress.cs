namespace AdaptCluster.Numerics.Solves;

/// <summary>Where a solve stands.</summary>
/// <param name="Phase">What it does.</param>
/// <param name="Iteration">Steps of the recurrence so far.</param>
/// <param name="RelativeResidual">The largest |r| / |b| of the columns that are answers, as the recurrence has it; 1 before the first step.</param>
/// <param name="ActiveColumns">The columns that still run.</param>
/// <param name="Columns">All columns that are answers.</param>
public sealed record SolveProgress(SolvePhase Phase, int Iteration, double RelativeResidual, int ActiveColumns, int Columns);
