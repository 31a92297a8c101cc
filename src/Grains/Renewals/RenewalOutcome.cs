namespace AdaptCluster.Grains.Renewals;

/// <summary>What became of one task.</summary>
/// <param name="Task">Its name.</param>
/// <param name="Kind">What.</param>
/// <param name="Reason">Why it could not be adapted.</param>
internal sealed record RenewalOutcome(string Task, RenewalKind Kind, string? Reason = null);
