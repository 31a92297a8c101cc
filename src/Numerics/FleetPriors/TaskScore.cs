using System.Runtime.InteropServices;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>How one task looks under a prior.</summary>
/// <param name="Task">Which, counted from 0 in the order that the fleet was given.</param>
/// <param name="Observations">The number of its observed numbers, N.</param>
/// <param name="LogEvidence">log p(y | X, prior), in nats.</param>
/// <param name="Misfit">r^T C^-1 r / N: about 1 for a task as the prior expects one.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TaskScore(int Task, int Observations, double LogEvidence, double Misfit);
