using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Bench;

/// <summary>What this machine's matrix product reaches now: the yardstick of everything else in the same run.</summary>
internal static class Gemm
{
    private const int Size = 2048;

    /// <returns>GFLOP/s of a square product.</returns>
    public static double Measure(torch.ScalarType dtype)
    {
        TorchRuntime.UseThreadsFor(2.0 * Size * Size * Size, Environment.ProcessorCount);
        using torch.Tensor a = torch.rand(Size, Size, dtype: dtype);
        using torch.Tensor b = torch.rand(Size, Size, dtype: dtype);
        double seconds = Timing.Median(7, () =>
        {
            using torch.Tensor c = torch.mm(a, b);
        });
        return 2.0 * Size * Size * Size / seconds / 1e9;
    }
}
