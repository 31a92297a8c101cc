using System.Runtime.InteropServices;
using TorchSharp;

namespace AdaptCluster.Numerics.Tensors;

/// <summary>Copies between managed arrays and tensors. Callers own the tensors, or hold a dispose scope.</summary>
internal static class TensorInterop
{
    /// <summary>A tensor of the given shape. In fp64 on the CPU it shares memory with <paramref name="values"/>: do not change it in place.</summary>
    internal static torch.Tensor FromDoubles(double[] values, long[] shape, torch.ScalarType dtype, torch.Device device)
    {
        if (values.Length == 0)
        {
            return torch.empty(shape, dtype: dtype, device: device);
        }

        torch.Tensor flat = torch.frombuffer(values, torch.ScalarType.Float64);
        torch.Tensor shaped = shape.Length == 1 ? flat : flat.view(shape);
        return dtype == torch.ScalarType.Float64 && device.type == DeviceType.CPU ? shaped : shaped.to(dtype, device);
    }

    internal static double[] ToDoubles(torch.Tensor tensor)
    {
        var values = new double[tensor.numel()];
        CopyTo(tensor, values);
        return values;
    }

    internal static void CopyTo(torch.Tensor tensor, Span<double> destination)
    {
        using torch.Tensor? converted = IsPlain(tensor) ? null : tensor.to(torch.ScalarType.Float64, torch.CPU).contiguous();
        MemoryMarshal.Cast<byte, double>((converted ?? tensor).bytes).CopyTo(destination);
    }

    internal static float[] ToFloats(torch.Tensor tensor)
    {
        using torch.Tensor converted = tensor.to(torch.ScalarType.Float32, torch.CPU).contiguous();
        return MemoryMarshal.Cast<byte, float>(converted.bytes).ToArray();
    }

    /// <summary>Takes the tensor out of every dispose scope: from here on its holder disposes it.</summary>
    internal static torch.Tensor Own(torch.Tensor tensor) => tensor.DetachFromDisposeScope();

    /// <summary>Gives the tensor to the caller: to the caller's dispose scope if there is one, else to the caller.</summary>
    internal static torch.Tensor Return(torch.Tensor tensor) => tensor.MoveToOuterDisposeScope();

    private static bool IsPlain(torch.Tensor tensor) =>
        tensor.dtype == torch.ScalarType.Float64 && tensor.device_type == DeviceType.CPU && tensor.is_contiguous();
}
