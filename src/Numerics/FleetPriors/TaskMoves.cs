namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>What the prior's shift and directions are for one task: its features, and what pulls at them.</summary>
/// <param name="rank">r.</param>
/// <param name="features">J U and then J d0, column by column: (r + 1) N numbers.</param>
internal sealed class TaskMoves(int rank, double[] features)
{
    private readonly int _count = features.Length / (rank + 1);

    /// <summary>r.</summary>
    internal int Rank => rank;

    /// <summary>(alpha alpha^T - C^-1) J U and then alpha, column by column; filled in by the evaluation.</summary>
    internal double[] Pulls { get; } = new double[features.Length];

    /// <summary>J u_k, [N]; of k = r the shift's.</summary>
    internal ReadOnlySpan<double> Feature(int k) => features.AsSpan(k * _count, _count);

    /// <summary>The same part of <see cref="Pulls"/>.</summary>
    internal Span<double> Pull(int k) => Pulls.AsSpan(k * _count, _count);
}
