namespace AdaptCluster.Numerics.Networks;

/// <summary>A fully connected layer with a bias: activation(W x + b).</summary>
/// <param name="Outputs">The layer's width, at least 1.</param>
/// <param name="Activation">Applied to every unit.</param>
public sealed record DenseLayerSpec(int Outputs, Activation Activation);
