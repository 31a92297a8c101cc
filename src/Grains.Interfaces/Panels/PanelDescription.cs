namespace AdaptCluster.Grains.Interfaces.Panels;

/// <summary>A panel.</summary>
[GenerateSerializer, Immutable, Alias("adapt.PanelDescription")]
public sealed record PanelDescription
{
    /// <summary>Its name within tenant and source.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>The source that its targets adapt.</summary>
    [Id(1)]
    public required string Source { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(2)]
    public required PanelStatus Status { get; init; }

    /// <summary>The rows of the shared inputs.</summary>
    [Id(3)]
    public required int Inputs { get; init; }

    /// <summary>Its targets.</summary>
    [Id(4)]
    public required int Targets { get; init; }

    /// <summary>Those whose posterior rests on what they observed last.</summary>
    [Id(5)]
    public required int Ready { get; init; }

    /// <summary>Those that are newer than their posterior.</summary>
    [Id(6)]
    public required int Stale { get; init; }

    /// <summary>Those whose column did not converge.</summary>
    [Id(7)]
    public required int NotConverged { get; init; }

    /// <summary>The last block; null before the first has ended.</summary>
    [Id(8)]
    public PanelSolveSummary? LastSolve { get; init; }

    /// <summary>Why the last block failed as a whole, in one line.</summary>
    [Id(9)]
    public string? Failure { get; init; }
}
