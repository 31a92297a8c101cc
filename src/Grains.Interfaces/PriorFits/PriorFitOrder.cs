using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Grains.Interfaces.PriorFits;

/// <summary>What a fit is a function of. It does not change while the fit runs.</summary>
[GenerateSerializer, Immutable, Alias("adapt.PriorFitOrder")]
public sealed record PriorFitOrder
{
    /// <summary>The key of the source.</summary>
    [Id(0)]
    public required string Source { get; init; }

    /// <summary>The content hash of the source's model.</summary>
    [Id(1)]
    public required string ModelHash { get; init; }

    /// <summary>The names of the targets, for messages.</summary>
    [Id(2)]
    public required ImmutableArray<string> Targets { get; init; }

    /// <summary>The rows and the options.</summary>
    [Id(3)]
    public required PriorFitRequest Request { get; init; }

    /// <summary>How many consecutive tasks each part has: the sums over parts are taken in this order, wherever the parts are.</summary>
    [Id(4)]
    public required ImmutableArray<int> Parts { get; init; }

    /// <summary>When the fit was begun.</summary>
    [Id(5)]
    public required DateTimeOffset Begun { get; init; }
}
