using AdaptCluster.Grains.Interfaces.Panels;

namespace AdaptCluster.Grains.Panels;

/// <summary>One target of a panel: which batch says what it observed, and what came of solving it.</summary>
[GenerateSerializer, Immutable, Alias("adapt.StoredPanelTarget")]
internal sealed record StoredPanelTarget
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>The newest batch with its name.</summary>
    [Id(1)]
    public required int Batch { get; init; }

    /// <summary>Which of that batch's targets it is.</summary>
    [Id(2)]
    public required int Column { get; init; }

    /// <summary>The rows that it observed.</summary>
    [Id(3)]
    public required int Observed { get; init; }

    /// <summary>Its last good solution.</summary>
    [Id(4)]
    public StoredPanelPosterior? Posterior { get; init; }

    /// <summary>What went wrong since.</summary>
    [Id(5)]
    public StoredPanelFailure? Failure { get; init; }

    /// <summary>Where it stands.</summary>
    public PanelTargetStatus Status =>
        Failure?.Batch == Batch ? PanelTargetStatus.NotConverged
        : Posterior?.Batch == Batch ? PanelTargetStatus.Ready
        : PanelTargetStatus.Stale;

    /// <summary>Whether a block under a prior is to have it: nothing is known of its newest values under that prior.</summary>
    public bool IsPending(int priorVersion) =>
        !(Posterior?.Batch == Batch && Posterior.PriorVersion == priorVersion)
        && !(Failure?.Batch == Batch && Failure.PriorVersion == priorVersion);

    /// <summary>What is told of it.</summary>
    public PanelTargetDescription Describe() => new()
    {
        Name = Name,
        Status = Status,
        Observed = Observed,
        Version = Posterior?.Version ?? 0,
        PriorVersion = Posterior?.PriorVersion ?? 0,
        Block = Posterior?.Block ?? 0,
        RelativeResidual = Status == PanelTargetStatus.NotConverged ? Failure!.RelativeResidual : Posterior?.RelativeResidual,
        LogEvidence = Posterior?.LogEvidence,
        Failure = Status == PanelTargetStatus.NotConverged ? Failure!.Problem : null,
    };
}
