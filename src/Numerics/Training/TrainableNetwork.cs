using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Training;

/// <summary>
/// fp32 weights and gradients as two flat vectors with a view per block, and the closed-form forward and reverse pass of the mean squared error.
/// No autograd: a step is a few dozen operations. Owns its tensors.
/// </summary>
internal sealed class TrainableNetwork : IDisposable
{
    private readonly NetworkSpec _spec;
    private readonly torch.Tensor[] _weights; // [d_out, d_in] views of Parameters
    private readonly torch.Tensor[] _transposed; // [d_in, d_out] views of Parameters
    private readonly torch.Tensor[] _biases; // [d_out] views of Parameters
    private readonly torch.Tensor[] _weightGradients; // views of Gradient
    private readonly torch.Tensor[] _biasGradients; // [d_out] views of Gradient

    internal TrainableNetwork(NetworkSpec spec, float[] values, torch.Device device)
    {
        _spec = spec;
        using DisposeScope scope = torch.NewDisposeScope();
        // The clone is aligned as torch aligns: the last bits of a product depend on it.
        Parameters = TensorInterop.Own(torch.tensor(values, device: device).clone());
        Gradient = TensorInterop.Own(torch.zeros_like(Parameters));
        _weights = new torch.Tensor[spec.Layers.Length];
        _transposed = new torch.Tensor[spec.Layers.Length];
        _biases = new torch.Tensor[spec.Layers.Length];
        _weightGradients = new torch.Tensor[spec.Layers.Length];
        _biasGradients = new torch.Tensor[spec.Layers.Length];
        for (int l = 0; l < spec.Layers.Length; l++)
        {
            ParameterBlock w = spec.Blocks[2 * l];
            ParameterBlock b = spec.Blocks[(2 * l) + 1];
            _weights[l] = TensorInterop.Own(Parameters.narrow(0, w.Offset, w.Count).view(w.Shape[0], w.Shape[1]));
            _transposed[l] = TensorInterop.Own(_weights[l].t());
            _biases[l] = TensorInterop.Own(Parameters.narrow(0, b.Offset, b.Count));
            _weightGradients[l] = TensorInterop.Own(Gradient.narrow(0, w.Offset, w.Count).view(w.Shape[0], w.Shape[1]));
            _biasGradients[l] = TensorInterop.Own(Gradient.narrow(0, b.Offset, b.Count));
        }
    }

    /// <summary>[p], fp32.</summary>
    internal torch.Tensor Parameters { get; }

    /// <summary>[p], fp32: of the last batch's mean squared error.</summary>
    internal torch.Tensor Gradient { get; }

    public void Dispose()
    {
        foreach (torch.Tensor view in _transposed.Concat(_weights).Concat(_biases).Concat(_weightGradients).Concat(_biasGradients))
        {
            view.Dispose();
        }

        Parameters.Dispose();
        Gradient.Dispose();
    }

    /// <summary>The outputs, [n, c], in the caller's scope.</summary>
    internal torch.Tensor Forward(torch.Tensor x)
    {
        for (int l = 0; l < _weights.Length; l++)
        {
            x = ActivationFunction.Value(_spec.Layers[l].Activation, _biases[l].addmm(x, _transposed[l]));
        }

        return x;
    }

    /// <summary>Fills <see cref="Gradient"/> and adds the batch's sum of squared errors to <paramref name="squares"/>, [1], fp64.</summary>
    internal void Backward(torch.Tensor x, torch.Tensor y, torch.Tensor squares)
    {
        int layers = _weights.Length;
        var reads = new torch.Tensor[layers];
        var derivatives = new torch.Tensor?[layers];
        torch.Tensor a = x;
        for (int l = 0; l < layers; l++)
        {
            reads[l] = a;
            torch.Tensor z = _biases[l].addmm(a, _transposed[l]);
            a = ActivationFunction.Value(_spec.Layers[l].Activation, z);
            derivatives[l] = ActivationFunction.Derivative(_spec.Layers[l].Activation, z, a);
        }

        torch.Tensor error = a - y;
        torch.Tensor flat = error.view(-1);
        squares.add_(flat.dot(flat));
        torch.Tensor cotangent = error.mul_(2.0 / error.numel());
        for (int l = layers - 1; l >= 0; l--)
        {
            cotangent = derivatives[l] is { } derivative ? cotangent.mul_(derivative) : cotangent;
            _weightGradients[l].addmm_(cotangent.t(), reads[l], 0, 1);
            _biasGradients[l].copy_(cotangent.sum(dim: 0));
            cotangent = l > 0 ? torch.mm(cotangent, _weights[l]) : cotangent;
        }
    }
}
