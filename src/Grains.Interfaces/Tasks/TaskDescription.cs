using AdaptCluster.Grains.Interfaces.Solves;

namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>A target task.</summary>
[GenerateSerializer, Immutable, Alias("adapt.TaskDescription")]
public sealed record TaskDescription
{
    /// <summary>Its name within tenant and source.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>The source that it adapts.</summary>
    [Id(1)]
    public required string Source { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(2)]
    public required TargetTaskStatus Status { get; init; }

    /// <summary>The rows that it holds.</summary>
    [Id(3)]
    public required int Observations { get; init; }

    /// <summary>Its latest posterior, which predictions come from; null before the first.</summary>
    [Id(4)]
    public PosteriorDescription? Posterior { get; init; }

    /// <summary>Why the last adaptation failed, in one line.</summary>
    [Id(5)]
    public string? Failure { get; init; }

    /// <summary>The iterative solve that is under way; null if none is, or nothing is known of it.</summary>
    [Id(6)]
    public SolveDescription? Solve { get; init; }
}
