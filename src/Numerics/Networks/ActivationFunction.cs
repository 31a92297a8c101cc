using TorchSharp;

namespace AdaptCluster.Numerics.Networks;

/// <summary>Values and derivatives of the activations. Results belong to the caller's dispose scope.</summary>
internal static class ActivationFunction
{
    private const double LeakySlope = 0.01;
    private const double InverseSqrt2 = 0.70710678118654752440;
    private const double InverseSqrt2Pi = 0.39894228040143267794;

    internal static torch.Tensor Value(Activation activation, torch.Tensor z) => activation switch
    {
        Activation.Identity => z,
        Activation.Tanh => z.tanh(),
        Activation.ReLU => z.relu(),
        Activation.GELU => z * NormalDistribution(z),
        Activation.SiLU => z * z.sigmoid(),
        Activation.Sigmoid => z.sigmoid(),
        Activation.LeakyReLU => torch.where(z > 0, z, z * LeakySlope),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };

    /// <summary>The derivative at <paramref name="z"/>, where <paramref name="value"/> is the activation there; null means 1 everywhere.</summary>
    internal static torch.Tensor? Derivative(Activation activation, torch.Tensor z, torch.Tensor value) => activation switch
    {
        Activation.Identity => null,
        Activation.Tanh => (value * value).neg_().add_(1),
        Activation.ReLU => (z > 0).to(z.dtype),
        Activation.GELU => (z * z).mul_(-0.5).exp_().mul_(InverseSqrt2Pi).mul_(z).add_(NormalDistribution(z)),
        Activation.SiLU => SigmoidLinearDerivative(z, value),
        Activation.Sigmoid => value.addcmul(value, value, -1),
        Activation.LeakyReLU => (z > 0).to(z.dtype).mul_(1 - LeakySlope).add_(LeakySlope),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };

    private static torch.Tensor NormalDistribution(torch.Tensor z) => (z * InverseSqrt2).erf_().add_(1).mul_(0.5);

    private static torch.Tensor SigmoidLinearDerivative(torch.Tensor z, torch.Tensor value)
    {
        torch.Tensor sigmoid = z.sigmoid();
        return (sigmoid + value).addcmul_(value, sigmoid, -1);
    }
}
