namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>No way to adapt the task fits the memory. Nothing was changed.</summary>
[GenerateSerializer, Alias("adapt.TooLargeException")]
public sealed class TooLargeException : AdaptException
{
    /// <summary>Reports a task that does not fit, with the smallest way to solve it in the message.</summary>
    /// <param name="task">The name of the task.</param>
    /// <param name="problem">What is missing, and what to do.</param>
    /// <param name="neededBytes">What the smallest way needs on one device; 0 where memory is not what is missing.</param>
    public TooLargeException(string task, string problem, long neededBytes)
        : base($"task '{task}': {problem}")
    {
        Task = task;
        NeededBytes = neededBytes;
    }

    /// <summary>The name of the task.</summary>
    [Id(0)]
    public string Task { get; }

    /// <summary>What the smallest way needs on one device, in bytes.</summary>
    [Id(1)]
    public long NeededBytes { get; }

    /// <inheritdoc/>
    public override bool IsRetryable => false;

    /// <inheritdoc/>
    public override bool IsCallersFault => true;
}
