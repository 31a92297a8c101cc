using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Training;

/// <summary>
/// Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019) on one flat vector. Owns its moments, [p] each.
/// Deviation: none; torch's defaults, beta 0.9 and 0.999, epsilon 1e-8.
/// </summary>
internal sealed class AdamOptimiser : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;
    private readonly torch.Tensor _first;
    private readonly torch.Tensor _second;
    private long _steps;

    internal AdamOptimiser(torch.Tensor parameters)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        _first = TensorInterop.Own(torch.zeros_like(parameters));
        _second = TensorInterop.Own(torch.zeros_like(parameters));
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    /// <summary>One step, in place. Temporaries are left to the caller's dispose scope.</summary>
    internal void Step(torch.Tensor parameters, torch.Tensor gradient, double learningRate, double weightDecay)
    {
        _steps++;
        if (weightDecay > 0)
        {
            parameters.mul_(1 - (learningRate * weightDecay));
        }

        _first.mul_(Beta1).add_(gradient, 1 - Beta1);
        _second.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        torch.Tensor denominator = _second.sqrt().mul_(1 / Math.Sqrt(1 - Math.Pow(Beta2, _steps))).add_(Epsilon);
        parameters.addcdiv_(_first, denominator, -learningRate / (1 - Math.Pow(Beta1, _steps)));
    }
}
