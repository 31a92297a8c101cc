namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>One dense layer: <c>activation(W x + b)</c>.</summary>
/// <param name="Outputs">How many outputs.</param>
/// <param name="Activation">identity, tanh, relu, gelu, silu, sigmoid or leakyrelu.</param>
[GenerateSerializer, Immutable, Alias("adapt.LayerDescription")]
public sealed record LayerDescription(
    [property: Id(0)] int Outputs,
    [property: Id(1)] string Activation);
