namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>A task that takes no part in a fit, because it could spoil the prior for all others.</summary>
/// <param name="Task">Which, counted from 0 in the order that the fleet was given.</param>
/// <param name="Reason">Why, with the numbers: for a person.</param>
public sealed record ExcludedTask(int Task, string Reason);
