using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Solves;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>Where a running fit makes durable what must not be lost, and tells where it stands.</summary>
internal interface IPriorFitJournal
{
    /// <summary>The content hashes of the answers that are durable, in order.</summary>
    IReadOnlyList<string> Answers { get; }

    /// <summary>Where the parts are.</summary>
    IReadOnlyList<ShardPlacement> Placements { get; }

    /// <summary>Makes more answers durable.</summary>
    /// <param name="hash">The content hash of them.</param>
    /// <param name="replacesAll">Whether they take the place of those before, instead of following them.</param>
    Task AnsweredAsync(string hash, bool replacesAll);

    /// <summary>Makes the places of the parts durable.</summary>
    Task PlacedAsync(IReadOnlyList<ShardPlacement> placements);

    /// <summary>Tells where the fit stands.</summary>
    void Report(PriorFitUpdate progress);
}
