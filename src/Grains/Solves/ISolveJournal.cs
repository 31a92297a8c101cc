namespace AdaptCluster.Grains.Solves;

/// <summary>Where a running solve makes durable what must not be lost, and tells where it stands.</summary>
internal interface ISolveJournal
{
    /// <summary>The content hash of the last durable checkpoint.</summary>
    string? Checkpoint { get; }

    /// <summary>Where the shards are.</summary>
    IReadOnlyList<ShardPlacement> Placements { get; }

    /// <summary>Makes another checkpoint the last, durably; the one before is deleted.</summary>
    Task CheckpointedAsync(string hash);

    /// <summary>Makes the places of the shards durable.</summary>
    Task PlacedAsync(IReadOnlyList<ShardPlacement> placements);

    /// <summary>Tells where the solve stands.</summary>
    void Report(Interfaces.Solves.SolveProgressMessage progress);
}
