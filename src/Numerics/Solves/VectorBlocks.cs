using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>Blocks of vectors as bytes: little-endian, row-major, Float32 or Float64.</summary>
internal static class VectorBlocks
{
    internal static byte[] ToBytes(torch.Tensor block)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return block.cpu().contiguous().bytes.ToArray();
    }

    /// <summary>[rows, columns], in the caller's dispose scope.</summary>
    /// <exception cref="ArgumentException">The bytes are not so many numbers.</exception>
    internal static torch.Tensor FromBytes(ReadOnlySpan<byte> bytes, long rows, long columns, bool inDouble, torch.Device device)
    {
        torch.ScalarType type = TypeOf(inDouble);
        if (bytes.Length != rows * columns * (inDouble ? sizeof(double) : sizeof(float)))
        {
            throw new ArgumentException($"{bytes.Length} bytes are not [{rows}, {columns}] numbers of {type}.", nameof(bytes));
        }

        torch.Tensor block = torch.empty(rows, columns, dtype: type);
        bytes.CopyTo(block.bytes);
        return device.type == DeviceType.CPU ? block : block.to(device);
    }

    internal static torch.ScalarType TypeOf(bool inDouble) => inDouble ? torch.ScalarType.Float64 : torch.ScalarType.Float32;

    internal static bool IsFinite(torch.Tensor block)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return block.isfinite().all().item<bool>();
    }
}
