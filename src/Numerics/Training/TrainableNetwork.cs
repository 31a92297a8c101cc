using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Training;

/// <summary>
/// fp32 weights and gradients as two flat vectors with a view per block, so that an optimiser's step is a few operations whatever the
/// depth. The reverse pass adds to the views. Owns its tensors.
/// </summary>
internal sealed class TrainableNetwork : IDisposable
{
    private readonly NetworkWeights _initial;
    private readonly NetworkExecutor _executor;
    private readonly Dictionary<string, torch.Tensor> _tensors; // views of Parameters with Gradient's views as their gradients, and the fixed tensors

    internal TrainableNetwork(NetworkWeights weights, torch.Device device)
    {
        _initial = weights;
        _executor = new NetworkExecutor(weights.Spec);
        _tensors = NetworkTensors.Upload(weights, device, torch.ScalarType.Float32);
        using DisposeScope scope = torch.NewDisposeScope();
        // The clone is aligned as torch aligns: the last bits of a product depend on it.
        Parameters = TensorInterop.Own(torch.tensor(weights.Values, device: device).clone());
        Gradient = TensorInterop.Own(torch.zeros_like(Parameters));
        foreach (ParameterBlock block in weights.Spec.Blocks)
        {
            long[] shape = [.. block.Shape.Select(l => (long)l)];
            torch.Tensor leaf = TensorInterop.Own(Parameters.narrow(0, block.Offset, block.Count).view(shape).detach().requires_grad_());
            leaf.grad = Gradient.narrow(0, block.Offset, block.Count).view(shape);
            _tensors[block.Name].Dispose();
            _tensors[block.Name] = leaf;
        }
    }

    /// <summary>[p], fp32.</summary>
    internal torch.Tensor Parameters { get; }

    /// <summary>[p], fp32: of the last batch's mean squared error.</summary>
    internal torch.Tensor Gradient { get; }

    /// <summary>The weights as they are now, copied.</summary>
    internal NetworkWeights Weights()
    {
        NetworkSpec spec = _initial.Spec;
        var values = new float[_initial.FixedValues.Length];
        foreach (ParameterBlock block in spec.Fixed)
        {
            TensorInterop.ToFloats(_tensors[block.Name]).CopyTo(values, block.Offset);
        }

        return new NetworkWeights(spec, TensorInterop.ToFloats(Parameters), values);
    }

    public void Dispose()
    {
        foreach (torch.Tensor tensor in _tensors.Values)
        {
            tensor.Dispose();
        }

        Parameters.Dispose();
        Gradient.Dispose();
    }

    /// <summary>The outputs in evaluation mode, [n, c], in the caller's scope.</summary>
    internal torch.Tensor Forward(torch.Tensor x)
    {
        using IDisposable gradients = torch.no_grad();
        return _executor.Forward(_tensors, x);
    }

    /// <summary>Fills <see cref="Gradient"/> and adds the batch's sum of squared errors to <paramref name="squares"/>, [1], fp64.</summary>
    internal void Backward(torch.Tensor x, torch.Tensor y, torch.Tensor squares)
    {
        Gradient.zero_();
        torch.Tensor output = _executor.Forward(_tensors, x, training: true);
        torch.Tensor error = output.detach() - y;
        torch.Tensor flat = error.view(-1);
        squares.add_(flat.dot(flat));
        output.backward([error.mul_(2.0 / error.numel())], create_graph: false, retain_graph: false);
    }
}
