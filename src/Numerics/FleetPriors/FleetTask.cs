using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>One task of a fleet: its rows, or the sample of them, and what is known of it before any fit.</summary>
/// <param name="index">Which task, counted from 0 in the order that the fleet was given.</param>
/// <param name="data">The rows that enter the evidence.</param>
internal sealed class FleetTask(int index, TaskData data)
{
    internal int Index => index;

    internal TaskData Data => data;

    /// <summary>Why it does not take part; null where it does.</summary>
    internal string? Excluded { get; set; }

    /// <summary>The number of observed numbers.</summary>
    internal int Observations => data.Targets.Values.Length;

    /// <summary>The sum of squared residuals of the source network, standardised.</summary>
    internal double SourceSquares { get; set; }

    /// <summary>The same of the prior mean.</summary>
    internal double MeanSquares { get; set; }

    /// <summary>tr(J_b J_b^T), [B].</summary>
    internal double[] BlockTraces { get; set; } = [];

    internal FleetSummary Summary => new(Observations, SourceSquares, MeanSquares, [.. BlockTraces]);
}
