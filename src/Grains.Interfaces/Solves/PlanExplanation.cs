using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>How a task would be solved now, and why; and what was predicted of the posterior that it has, against what it took.</summary>
[GenerateSerializer, Immutable, Alias("adapt.PlanExplanation")]
public sealed record PlanExplanation
{
    /// <summary>The rows that the task holds.</summary>
    [Id(0)]
    public required int Rows { get; init; }

    /// <summary>Every way that was considered, quickest first, what cannot be done last.</summary>
    [Id(1)]
    public required ImmutableArray<PlanCandidateDescription> Candidates { get; init; }

    /// <summary>The name of the one that would be taken; null where none fits.</summary>
    [Id(2)]
    public string? Chosen { get; init; }

    /// <summary>Why, in a sentence.</summary>
    [Id(3)]
    public required string Why { get; init; }

    /// <summary>The devices that were planned for, in a line each.</summary>
    [Id(4)]
    public required ImmutableArray<string> Devices { get; init; }
}
