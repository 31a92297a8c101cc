namespace AdaptCluster.Grains.Interfaces.Panels;

/// <summary>One target of a panel.</summary>
[GenerateSerializer, Immutable, Alias("adapt.PanelTargetDescription")]
public sealed record PanelTargetDescription
{
    /// <summary>Its name within the panel.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(1)]
    public required PanelTargetStatus Status { get; init; }

    /// <summary>The rows that it observed.</summary>
    [Id(2)]
    public required int Observed { get; init; }

    /// <summary>Counts its posteriors from 1; 0 while it has none.</summary>
    [Id(3)]
    public required int Version { get; init; }

    /// <summary>The prior of that posterior; 0 while there is none.</summary>
    [Id(4)]
    public required int PriorVersion { get; init; }

    /// <summary>The block that solved it; 0 while none has.</summary>
    [Id(5)]
    public required int Block { get; init; }

    /// <summary>|b - A x| / |b| of its last solve, recomputed; null before.</summary>
    [Id(6)]
    public double? RelativeResidual { get; init; }

    /// <summary>Log evidence of the posterior's observations, standardised units, from above; null while there is none.</summary>
    [Id(7)]
    public double? LogEvidence { get; init; }

    /// <summary>What is wrong and what to do, in one line, of a target that did not converge.</summary>
    [Id(8)]
    public string? Failure { get; init; }
}
