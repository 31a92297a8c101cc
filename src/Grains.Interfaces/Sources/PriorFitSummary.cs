using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>How a fleet prior was fitted.</summary>
/// <param name="Tasks">How many tasks it was learned from.</param>
/// <param name="Rows">How many of their rows entered the evidence.</param>
/// <param name="Iterations">Iterations of the optimiser.</param>
/// <param name="Evaluations">Evaluations of the fleet evidence and its gradient.</param>
/// <param name="LogEvidencePerRow">The fleet's log evidence per row (standardised units) at the fitted prior.</param>
/// <param name="SourceLogDensityPerRow">The same rows' log density per row with nothing adapted.</param>
/// <param name="Status">Converged, or why the optimiser stopped, with what to do.</param>
/// <param name="Converged">Whether it converged.</param>
/// <param name="Seconds">Wall-clock seconds.</param>
[GenerateSerializer, Immutable, Alias("adapt.PriorFitSummary")]
public sealed record PriorFitSummary(
    [property: Id(0)] int Tasks,
    [property: Id(1)] int Rows,
    [property: Id(2)] int Iterations,
    [property: Id(3)] int Evaluations,
    [property: Id(4)] double LogEvidencePerRow,
    [property: Id(5)] double SourceLogDensityPerRow,
    [property: Id(6)] string Status,
    [property: Id(7)] bool Converged,
    [property: Id(8)] double Seconds)
{
    /// <summary>The tasks that took no part, each with the reason; default where a store of an earlier version does not say.</summary>
    [Id(9)]
    public ImmutableArray<ExcludedTaskDescription> Excluded { get; init; } = [];

    /// <summary>The numbers of directions that were tried, none first; empty where none was asked for.</summary>
    [Id(10)]
    public ImmutableArray<RankDescription> Ranks { get; init; } = [];

    /// <summary>
    /// What it is worth that tasks have a noise and a scale of their own: how much better half of a task's rows predict the others, in nats per row; 0 where
    /// nothing of that was learned.
    /// </summary>
    [Id(11)]
    public double SpreadGainPerRow { get; init; }
}
