using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks;

/// <summary>A network's tensors on a device, by name and shaped.</summary>
internal static class NetworkTensors
{
    /// <summary>Copies; the caller owns the tensors.</summary>
    internal static Dictionary<string, torch.Tensor> Upload(NetworkWeights weights, torch.Device device, torch.ScalarType dtype)
    {
        var tensors = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        using DisposeScope scope = torch.NewDisposeScope();
        foreach (ParameterBlock block in weights.Spec.Blocks)
        {
            tensors.Add(block.Name, Upload(weights.Values, block, device, dtype));
        }

        foreach (ParameterBlock block in weights.Spec.Fixed)
        {
            tensors.Add(block.Name, Upload(weights.FixedValues, block, device, dtype));
        }

        return tensors;
    }

    private static torch.Tensor Upload(float[] values, ParameterBlock block, torch.Device device, torch.ScalarType dtype)
    {
        double[] wide = Array.ConvertAll(values[block.Offset..(block.Offset + block.Count)], v => (double)v);
        return TensorInterop.Own(TensorInterop.FromDoubles(wide, [.. block.Shape.Select(l => (long)l)], dtype, device));
    }
}
