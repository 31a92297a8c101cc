using System.Runtime.InteropServices;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>What a number of directions is worth for tasks that they were not learned from.</summary>
/// <param name="Rank">r.</param>
/// <param name="HeldOutLogEvidence">The held-out tasks' log evidence, in nats per observation.</param>
/// <param name="Iterations">Iterations of the optimiser up to the best value; more fit the tasks learned from, and no others.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RankScore(int Rank, double HeldOutLogEvidence, int Iterations);
