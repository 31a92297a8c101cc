namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>The task or panel was being computed when its silo died, too often: it is not computed again by itself.</summary>
[GenerateSerializer, Alias("adapt.QuarantinedException")]
public sealed class QuarantinedException : AdaptException
{
    /// <summary>Reports a quarantined task or panel.</summary>
    /// <param name="task">Its name.</param>
    /// <param name="attempts">How many attempts were started and never ended.</param>
    /// <param name="kind">What it is: "task" or "panel".</param>
    public QuarantinedException(string task, int attempts, string kind = "task")
        : base($"{kind} '{task}' is quarantined: {attempts} attempts to adapt it ended with the silo; look at its rows, then {(kind == "task" ? "release it with 'adapt tasks release', or " : string.Empty)}delete it and observe it anew.")
    {
        Task = task;
        Attempts = attempts;
    }

    /// <summary>The name of the task or panel.</summary>
    [Id(0)]
    public string Task { get; }

    /// <summary>How many attempts were started and never ended.</summary>
    [Id(1)]
    public int Attempts { get; }

    /// <inheritdoc/>
    public override bool IsRetryable => false;

    /// <inheritdoc/>
    public override bool IsCallersFault => false;
}
