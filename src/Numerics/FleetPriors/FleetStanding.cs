namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>What is known of one task of a fleet before any fit, and whether it takes part.</summary>
/// <param name="index">Which task, counted from 0 in the order that the fleet was given.</param>
/// <param name="rows">Its rows that enter the evidence.</param>
/// <param name="observations">The number of observed numbers, N.</param>
internal sealed class FleetStanding(int index, int rows, int observations)
{
    internal int Index => index;

    internal int Rows => rows;

    internal int Observations => observations;

    /// <summary>Why it does not take part; null where it does.</summary>
    internal string? Excluded { get; set; }

    /// <summary>The sum of squared residuals of the source network, standardised.</summary>
    internal double SourceSquares { get; set; }

    /// <summary>The same of the prior mean.</summary>
    internal double MeanSquares { get; set; }

    /// <summary>tr(J_b J_b^T), [B].</summary>
    internal double[] BlockTraces { get; set; } = [];

    internal FleetSummary Summary => new(Observations, SourceSquares, MeanSquares, [.. BlockTraces]);
}
