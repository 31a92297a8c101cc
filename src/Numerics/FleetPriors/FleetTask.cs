using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>One task of a portion of a fleet: its rows, or the sample of them, and what is known of it before any fit.</summary>
/// <param name="index">Which task of the portion, from 0.</param>
/// <param name="number">Which task of the fleet, from 0.</param>
/// <param name="data">The rows that enter the evidence.</param>
internal sealed class FleetTask(int index, int number, TaskData data)
{
    internal int Index => index;

    internal TaskData Data => data;

    /// <summary>What the rest of the fleet may know of it.</summary>
    internal FleetStanding Standing { get; } = new(number, data.Rows, data.Targets.Values.Length);

    /// <summary>The number of observed numbers.</summary>
    internal int Observations => Standing.Observations;

    /// <summary>Why it does not take part; null where it does.</summary>
    internal string? Excluded
    {
        get => Standing.Excluded;
        set => Standing.Excluded = value;
    }

    /// <summary>Whether the evaluation under way is one without it.</summary>
    internal bool IsSkipped { get; set; }

    internal bool TakesPart => Excluded is null && !IsSkipped;
}
