using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>Standard normal draws whose column s depends on the seed and s only, not on how many columns are drawn.</summary>
internal static class SeededNormals
{
    /// <summary>[rows, count], fp64, in the caller's dispose scope.</summary>
    internal static torch.Tensor Columns(int rows, int count, int seed, torch.Device device)
    {
        var values = new double[(long)rows * count];
        for (int s = 0; s < count; s++)
        {
            new SeededRandom(seed, s).Normals(rows).CopyTo(values, (long)s * rows);
        }

        return TensorInterop.FromDoubles(values, [count, rows], torch.ScalarType.Float64, device).t().contiguous();
    }
}
