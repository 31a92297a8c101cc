namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>What one task's evidence is made from, in managed memory and fp64; nothing here depends on the prior's scales, noise or directions.</summary>
/// <param name="outputs">c: observation i belongs to output i mod c; 1 for one output of a task alone.</param>
/// <param name="firstOutput">The output of observation 0: not 0 for one output alone.</param>
/// <param name="kernels">J_b J_b^T of every block, packed, one after the other: B N (N + 1) / 2 numbers.</param>
/// <param name="residuals">y - m, [N].</param>
internal sealed class TaskKernels(int outputs, int firstOutput, double[] kernels, double[] residuals)
{
    /// <summary>N.</summary>
    internal int Count => residuals.Length;

    internal long Bytes => 8L * (kernels.Length + residuals.Length);

    internal ReadOnlySpan<double> Residuals => residuals;

    /// <summary>The output whose noise observation <paramref name="i"/> has.</summary>
    internal int OutputOf(int i) => firstOutput + (i % outputs);

    internal ReadOnlySpan<double> Block(int b)
    {
        int length = PackedMatrix.Length(Count);
        return kernels.AsSpan(b * length, length);
    }
}
