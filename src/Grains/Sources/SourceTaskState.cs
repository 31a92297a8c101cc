using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Grains.Sources;

/// <summary>What is durable of a source task.</summary>
[GenerateSerializer, Immutable, Alias("adapt.SourceTaskState")]
internal sealed record SourceTaskState
{
    /// <summary>The source as registered, with its current prior.</summary>
    [Id(0)]
    public required SourceDescription Description { get; init; }

    /// <summary>
    /// The mean squared error on held-out rows in standardised units, where the network was trained here: the noise of
    /// the source's own predictions while no fleet has been seen.
    /// </summary>
    [Id(1)]
    public double? ValidationVariance { get; init; }

    /// <summary>The fit of its prior that is under way; null if none is.</summary>
    [Id(2)]
    public RunningPriorFit? Fit { get; init; }

    /// <summary>How the last fit ended: for a call that did not hear of it.</summary>
    [Id(3)]
    public PriorFitEnd? LastFit { get; init; }

    /// <summary>The state with another prior, as its next version.</summary>
    public SourceTaskState With(PriorDescription prior) =>
        this with { Description = Description with { Prior = prior with { Version = (Description.Prior?.Version ?? 0) + 1 } } };

    /// <summary>The state after the end of the fit.</summary>
    public SourceTaskState After(PriorFitEnd end)
    {
        SourceTaskState next = end.Prior is null ? this : With(end.Prior);
        return next with { Fit = null, LastFit = end.Prior is null ? end : end with { Prior = next.Description.Prior } };
    }
}
