namespace AdaptCluster.Bench.Chaos;

/// <summary>One fault and what came of it.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="Recovery">Seconds from it until every task had answered a call that began after it; null where that did not happen.</param>
internal sealed record Fault(FaultKind Kind, double? Recovery);
