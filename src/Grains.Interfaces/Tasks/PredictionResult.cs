using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>Predictions of m rows and c outputs, in the target's own units; matrices are <c>[m, c]</c>, Float64.</summary>
[GenerateSerializer, Immutable, Alias("adapt.PredictionResult")]
public sealed record PredictionResult
{
    /// <summary>The posterior mean.</summary>
    [Id(0)]
    public required TensorPayload Mean { get; init; }

    /// <summary>The posterior variance of the function, without noise.</summary>
    [Id(1)]
    public required TensorPayload LatentVariance { get; init; }

    /// <summary>The noise variance, <c>[c]</c>: an observation's variance is the latent one plus this.</summary>
    [Id(2)]
    public required TensorPayload NoiseVariance { get; init; }

    /// <summary>What the source network says with nothing adapted.</summary>
    [Id(3)]
    public required TensorPayload SourceMean { get; init; }

    /// <summary>The noise variance that belongs to the source's own prediction, <c>[c]</c>.</summary>
    [Id(4)]
    public required TensorPayload SourceNoiseVariance { get; init; }

    /// <summary>The joint covariance of the function, <c>[m c, m c]</c>, row i output o at i c + o; if asked for.</summary>
    [Id(5)]
    public TensorPayload? JointCovariance { get; init; }

    /// <summary>Samples of the function, <c>[samples, m, c]</c>; if asked for.</summary>
    [Id(6)]
    public TensorPayload? Samples { get; init; }

    /// <summary>The version of the posterior.</summary>
    [Id(7)]
    public required int Version { get; init; }

    /// <summary>The version of the prior behind it.</summary>
    [Id(8)]
    public required int PriorVersion { get; init; }

    /// <summary>Whether the posterior is exact.</summary>
    [Id(9)]
    public required bool Exact { get; init; }
}
