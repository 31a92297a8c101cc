using System.Runtime.InteropServices;
using TorchSharp;

namespace AdaptCluster.Numerics.Tensors;

/// <summary>Copies between managed arrays and tensors. Callers own the tensors, or hold a dispose scope.</summary>
internal static class TensorInterop
{
    /// <summary>
    /// A copy as a tensor of the given shape. Always in torch's own memory: a .NET array is aligned to 8 bytes, and the last bits of MKL's
    /// products depend on the alignment of their operands, so a tensor that shares an array's memory would not give the same bits twice.
    /// </summary>
    internal static torch.Tensor FromDoubles(double[] values, long[] shape, torch.ScalarType dtype, torch.Device device)
    {
        torch.Tensor result = torch.empty(shape, dtype: torch.ScalarType.Float64);
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(result.bytes);
        return dtype == torch.ScalarType.Float64 && device.type == DeviceType.CPU ? result : result.to(dtype, device);
    }

    internal static double[] ToDoubles(torch.Tensor tensor)
    {
        var values = new double[tensor.numel()];
        CopyTo(tensor, values);
        return values;
    }

    internal static void CopyTo(torch.Tensor tensor, Span<double> destination)
    {
        using DisposeScope? scope = IsPlain(tensor) ? null : torch.NewDisposeScope();
        torch.Tensor plain = scope is null ? tensor : tensor.to(torch.ScalarType.Float64, torch.CPU).contiguous();
        MemoryMarshal.Cast<byte, double>(plain.bytes).CopyTo(destination);
    }

    /// <summary>The numbers of a tensor to look at: its own memory where it is fp64 on the processor, else a copy that belongs to the caller's scope.</summary>
    internal static ReadOnlySpan<double> View(torch.Tensor tensor)
    {
        torch.Tensor plain = IsPlain(tensor) ? tensor : tensor.to(torch.ScalarType.Float64, torch.CPU).contiguous();
        return MemoryMarshal.Cast<byte, double>(plain.bytes);
    }

    internal static float[] ToFloats(torch.Tensor tensor)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor converted = tensor.to(torch.ScalarType.Float32, torch.CPU).contiguous();
        return MemoryMarshal.Cast<byte, float>(converted.bytes).ToArray();
    }

    /// <summary>Takes the tensor out of every dispose scope: from here on its holder disposes it.</summary>
    internal static torch.Tensor Own(torch.Tensor tensor) => tensor.DetachFromDisposeScope();

    /// <summary>Gives the tensor to the caller: to the caller's dispose scope if there is one, else to the caller.</summary>
    internal static torch.Tensor Return(torch.Tensor tensor) => tensor.MoveToOuterDisposeScope();

    private static bool IsPlain(torch.Tensor tensor) =>
        tensor.dtype == torch.ScalarType.Float64 && tensor.device_type == DeviceType.CPU && tensor.is_contiguous();
}
