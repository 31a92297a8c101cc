namespace AdaptCluster.Grains.Interfaces.Panels;

/// <summary>What one block took.</summary>
[GenerateSerializer, Immutable, Alias("adapt.PanelSolveSummary")]
public sealed record PanelSolveSummary
{
    /// <summary>Counts the blocks of the panel from 1.</summary>
    [Id(0)]
    public required int Block { get; init; }

    /// <summary>Its targets.</summary>
    [Id(1)]
    public required int Targets { get; init; }

    /// <summary>Those that converged.</summary>
    [Id(2)]
    public required int Converged { get; init; }

    /// <summary>Steps of the recurrence, over all rounds of refinement.</summary>
    [Id(3)]
    public required int Iterations { get; init; }

    /// <summary>|b - A x| / |b|, recomputed: the largest of all targets.</summary>
    [Id(4)]
    public required double RelativeResidual { get; init; }

    /// <summary>Columns of the preconditioner.</summary>
    [Id(5)]
    public required int PreconditionerSize { get; init; }

    /// <summary>Seconds from the block's begin to its solution, waiting for the device included.</summary>
    [Id(6)]
    public required double Seconds { get; init; }

    /// <summary>Seconds of these on the device.</summary>
    [Id(7)]
    public required double DeviceSeconds { get; init; }

    /// <summary>The version of the source's prior.</summary>
    [Id(8)]
    public required int PriorVersion { get; init; }

    /// <summary>When it was computed.</summary>
    [Id(9)]
    public required DateTimeOffset Computed { get; init; }
}
