using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// The sizes of a kernel's tiles and the memory that they share: both products of a tile are still in cache when they are multiplied and
/// added. Large enough that the native threads have something to share before they wait for each other. The buffers are allocated once and grow when a site needs more.
/// </summary>
internal sealed class KernelTiling(int outputs, torch.ScalarType dtype, torch.Device device) : IDisposable
{
    /// <summary>
    /// Rows of a tile, in Jacobian rows, and its columns. Measured for 500 units, in multiples of the floor: 192 x 192 takes 1.33, 192 x 1536 1.26,
    /// 256 x 1024 1.5, 512 x 512 1.15, 1024 x 1024 as much; on busy cores 192 x 192 takes up to six times as long, because threads wait for each other's
    /// time slices eight times as often.
    /// </summary>
    internal const int TileRows = 512;

    internal const int TileColumns = 512;

    private torch.Tensor? _inner;
    private torch.Tensor? _outer;

    /// <summary>The number of input rows whose Jacobian rows make a full tile.</summary>
    internal static int RowsPerTile(int outputs) => Math.Max(1, TileRows / outputs);

    /// <summary>The number of input rows of a full tile here.</summary>
    internal int Rows => RowsPerTile(outputs);

    /// <summary>The number of input columns of a full tile here.</summary>
    internal int Columns => Math.Max(1, TileColumns / outputs);

    /// <summary>left right^T in shared memory: valid until the next call.</summary>
    internal torch.Tensor Inner(torch.Tensor left, torch.Tensor right) => Product(ref _inner, left, right);

    /// <summary>left right^T in other shared memory: valid until the next call.</summary>
    internal torch.Tensor Outer(torch.Tensor left, torch.Tensor right) => Product(ref _outer, left, right);

    public void Dispose()
    {
        _inner?.Dispose();
        _outer?.Dispose();
    }

    private torch.Tensor Product(ref torch.Tensor? buffer, torch.Tensor left, torch.Tensor right)
    {
        long r = left.shape[0];
        long s = right.shape[0];
        if (buffer is null || buffer.numel() < r * s)
        {
            buffer?.Dispose();
            buffer = torch.empty(r * s, dtype: dtype, device: device).DetachFromDisposeScope();
        }

        torch.Tensor target = buffer.narrow(0, 0, r * s).view(r, s);
        return target.addmm_(left, right.t(), 0, 1);
    }
}
