using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Renewals;

/// <summary>How many of a source's tasks are adapted under its newest prior, of those that had a posterior when it came.</summary>
[GenerateSerializer, Immutable, Alias("adapt.RenewalDescription")]
public sealed record RenewalDescription
{
    /// <summary>The most tasks that are named.</summary>
    public const int MostNames = 12;

    /// <summary>The version of the prior.</summary>
    [Id(0)]
    public required int PriorVersion { get; init; }

    /// <summary>Whether it is still under way.</summary>
    [Id(1)]
    public required bool IsRunning { get; init; }

    /// <summary>The tasks; while it is under way those that were not looked at yet count, whether they have a posterior or not.</summary>
    [Id(2)]
    public required int Tasks { get; init; }

    /// <summary>How many of them are on the newest version.</summary>
    [Id(3)]
    public required int Renewed { get; init; }

    /// <summary>How many hold rows that nobody has adapted to yet: they stay as they are until somebody does.</summary>
    [Id(4)]
    public required int Waiting { get; init; }

    /// <summary>How many could not be adapted; their last good posterior keeps serving.</summary>
    [Id(5)]
    public required int Failed { get; init; }

    /// <summary>The first of those, each with the reason.</summary>
    [Id(6)]
    public ImmutableArray<RenewalFailure> Failures { get; init; } = [];
}
