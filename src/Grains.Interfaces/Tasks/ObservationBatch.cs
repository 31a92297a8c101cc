using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>Rows that a customer observed.</summary>
/// <param name="Id">Makes a retry harmless: a batch with an id that the task already holds is acknowledged and not added.</param>
/// <param name="Inputs">Encoded by the source's schema, in the data's own units: <c>[n, d]</c>, Float64.</param>
/// <param name="Targets">In the data's own units: <c>[n, c]</c>, Float64.</param>
[GenerateSerializer, Immutable, Alias("adapt.ObservationBatch")]
public sealed record ObservationBatch(
    [property: Id(0)] string Id,
    [property: Id(1)] TensorPayload Inputs,
    [property: Id(2)] TensorPayload Targets)
{
    /// <summary>The most rows times columns (inputs and targets together) of one batch: 4 MB of numbers.</summary>
    public const int MaxElements = (4 << 20) / sizeof(double);

    /// <summary>Of its numbers.</summary>
    public long Bytes => (long)Inputs.Data.Length + Targets.Data.Length;
}
