using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Grains.Tasks;

/// <summary>What is durable of a target task.</summary>
[GenerateSerializer, Immutable, Alias("adapt.TargetTaskState")]
internal sealed record TargetTaskState
{
    /// <summary>Distinguishes the task from a deleted one of the same name.</summary>
    [Id(0)]
    public required Guid Incarnation { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(1)]
    public TargetTaskStatus Status { get; init; }

    /// <summary>The observations, in the order in which they were acknowledged.</summary>
    [Id(2)]
    public ImmutableArray<StoredBatch> Batches { get; init; } = [];

    /// <summary>The latest posterior.</summary>
    [Id(3)]
    public StoredPosterior? Posterior { get; init; }

    /// <summary>Adaptations that were started and have not ended. Counted before the attempt.</summary>
    [Id(4)]
    public int Attempts { get; init; }

    /// <summary>Why the last adaptation failed.</summary>
    [Id(5)]
    public string? Failure { get; init; }

    /// <summary>The iterative solve that runs.</summary>
    [Id(6)]
    public RunningSolve? Solve { get; init; }

    /// <summary>The rows of all batches.</summary>
    public int Observations => Batches.Sum(batch => batch.Rows);

    /// <summary>The rows of an upload: those of batches named by it and the number of their first row.</summary>
    public int RowsOf(string upload) => Batches.Sum(batch => IsOf(batch.Id, upload) ? batch.Rows : 0);

    /// <summary>Whether there is a posterior of all rows under a version of the prior.</summary>
    public bool IsCurrent(int priorVersion) =>
        Status == TargetTaskStatus.Ready && Posterior?.Description.PriorVersion == priorVersion && Posterior.Description.Observations == Observations;

    /// <summary>Whether all rows have a posterior, of an earlier version of the prior: the task need not wait for anybody to be adapted anew.</summary>
    public bool IsOutdated(int priorVersion) =>
        Status != TargetTaskStatus.Quarantined && Posterior?.Description.PriorVersion < priorVersion && Posterior.Description.Observations == Observations;

    /// <summary>What is told about the task.</summary>
    public TaskDescription Describe(TaskKey key) => new()
    {
        Name = key.Task,
        Source = key.Source,
        Status = Status,
        Observations = Observations,
        Posterior = Posterior?.Description,
        Failure = Failure,
    };

    private static bool IsOf(string id, string upload) =>
        id.Length > upload.Length + 1 && id.StartsWith(upload, StringComparison.Ordinal) && id[upload.Length] == '/'
        && !id.AsSpan(upload.Length + 1).ContainsAnyExceptInRange('0', '9');
}
