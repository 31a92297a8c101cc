using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Renewals;

namespace AdaptCluster.Grains.Renewals;

/// <summary>How far a renewal has come. What is done again because it was not written yet is harmless.</summary>
[GenerateSerializer, Immutable, Alias("adapt.RenewalState")]
internal sealed record RenewalState
{
    /// <summary>The version of the prior.</summary>
    [Id(0)]
    public required int PriorVersion { get; init; }

    /// <summary>The part of the task index that is being gone through; those before are done.</summary>
    [Id(1)]
    public int Part { get; init; }

    /// <summary>The last name of that part that is done, in ordinal order; empty before the first.</summary>
    [Id(2)]
    public string After { get; init; } = string.Empty;

    /// <summary>The tasks, less those that turned out to have no posterior.</summary>
    [Id(3)]
    public int Tasks { get; init; }

    /// <summary>Tasks that are on the version.</summary>
    [Id(4)]
    public int Renewed { get; init; }

    /// <summary>Tasks that hold rows that nobody has adapted to yet.</summary>
    [Id(5)]
    public int Waiting { get; init; }

    /// <summary>Tasks that could not be adapted.</summary>
    [Id(6)]
    public int Failed { get; init; }

    /// <summary>The first of those.</summary>
    [Id(7)]
    public ImmutableArray<RenewalFailure> Failures { get; init; } = [];

    /// <summary>Whether all parts are done.</summary>
    [Id(8)]
    public bool IsDone { get; init; }

    /// <summary>The state after one more task.</summary>
    public RenewalState With(RenewalOutcome outcome) => outcome.Kind switch
    {
        RenewalKind.Renewed => this with { Renewed = Renewed + 1 },
        RenewalKind.Waiting => this with { Waiting = Waiting + 1 },
        RenewalKind.Failed => this with
        {
            Failed = Failed + 1,
            Failures = Failures.Length < RenewalDescription.MostNames ? Failures.Add(new RenewalFailure(outcome.Task, outcome.Reason!)) : Failures,
        },
        _ => this with { Tasks = Math.Max(0, Tasks - 1) },
    };

    public RenewalDescription Describe() => new()
    {
        PriorVersion = PriorVersion,
        IsRunning = !IsDone,
        Tasks = Tasks,
        Renewed = Renewed,
        Waiting = Waiting,
        Failed = Failed,
        Failures = Failures,
    };
}
