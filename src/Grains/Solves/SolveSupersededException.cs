namespace AdaptCluster.Grains.Solves;

/// <summary>Another coordinator has taken the solve up: this one ends and touches nothing any more. Never leaves the silo.</summary>
internal sealed class SolveSupersededException() : Exception("Another coordinator has taken the solve up.");
