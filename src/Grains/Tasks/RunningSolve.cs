using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Grains.Tasks;

/// <summary>The iterative solve that a task waits for: everything that its order is a function of, beside the task's rows.</summary>
/// <param name="Solve">Tells it from every other.</param>
/// <param name="Version">The version of the posterior that it will be.</param>
/// <param name="Batches">It rests on the first so many batches.</param>
/// <param name="Prior">The prior, whole, without the statistics of its fit.</param>
/// <param name="ModelHash">The content hash of the source model.</param>
/// <param name="Plan">The plan.</param>
/// <param name="NoiseFactor">The task's noise variance over the prior's; null for a task that stays with the fleet.</param>
/// <param name="ScaleFactor">The same of its parameter variances.</param>
[GenerateSerializer, Immutable, Alias("adapt.RunningSolve")]
internal sealed record RunningSolve(
    [property: Id(0)] Guid Solve,
    [property: Id(1)] int Version,
    [property: Id(2)] int Batches,
    [property: Id(3)] PriorDescription Prior,
    [property: Id(4)] string ModelHash,
    [property: Id(5)] SolvePlanDescription Plan,
    [property: Id(6)] double? NoiseFactor = null,
    [property: Id(7)] double? ScaleFactor = null);
