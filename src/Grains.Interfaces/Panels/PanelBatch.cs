using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Interfaces.Panels;

/// <summary>What some targets of a panel observed: for each of them everything that counts from now on.</summary>
/// <param name="Id">Makes a retry harmless: a batch with an id that the panel has taken is acknowledged and changes nothing.</param>
/// <param name="Targets">The names of the T targets, each once.</param>
/// <param name="Values">
/// In the data's own units, <c>[n, T c]</c>, Float64, finite: target t, output o in column t c + o, in the order of the panel's inputs.
/// What was not observed holds anything finite.
/// </param>
/// <param name="Observed">Whether target t observed row i: <c>[n, T]</c>, UInt8, 0 or 1.</param>
/// <param name="NoiseScales">What the prior's noise variance is multiplied by for each target: <c>[T]</c>, Float64, positive; null for 1.</param>
/// <param name="PriorScales">What the prior's parameter variances are multiplied by for each target: <c>[T]</c>, Float64, positive; null for 1.</param>
[GenerateSerializer, Immutable, Alias("adapt.PanelBatch")]
public sealed record PanelBatch(
    [property: Id(0)] string Id,
    [property: Id(1)] ImmutableArray<string> Targets,
    [property: Id(2)] TensorPayload Values,
    [property: Id(3)] TensorPayload Observed,
    [property: Id(4)] TensorPayload? NoiseScales = null,
    [property: Id(5)] TensorPayload? PriorScales = null)
{
    /// <summary>The most bytes of values and marks of one batch: 4 MB.</summary>
    public const int MaxBytes = 4 << 20;
}
