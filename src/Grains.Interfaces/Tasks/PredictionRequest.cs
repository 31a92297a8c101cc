using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>Rows to predict.</summary>
/// <param name="Inputs">Encoded by the source's schema, in the data's own units: <c>[m, d]</c>, Float64.</param>
/// <param name="Joint">Whether the joint covariance of all rows and outputs is wanted too (m c at most 2,000).</param>
/// <param name="Samples">How many samples of the function are wanted; 0 for none (m c at most 2,000).</param>
/// <param name="Seed">Seeds the samples.</param>
[GenerateSerializer, Immutable, Alias("adapt.PredictionRequest")]
public sealed record PredictionRequest(
    [property: Id(0)] TensorPayload Inputs,
    [property: Id(1)] bool Joint = false,
    [property: Id(2)] int Samples = 0,
    [property: Id(3)] int Seed = 0)
{
    /// <summary>The most rows times outputs of a joint covariance or of samples.</summary>
    public const int MaxJointSize = 2_000;

    /// <summary>The most samples.</summary>
    public const int MaxSamples = 1_000;
}
