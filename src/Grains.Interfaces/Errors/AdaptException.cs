namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>The root of every error that the cluster reports on purpose. Its message is one line: what, where, what to do.</summary>
[GenerateSerializer, Alias("adapt.AdaptException")]
public abstract class AdaptException : Exception
{
    /// <summary>An error with its one-line message.</summary>
    protected AdaptException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its one-line message and what caused it.</summary>
    protected AdaptException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the same call may succeed later without a change by the caller.</summary>
    public abstract bool IsRetryable { get; }

    /// <summary>Whether the caller's input or wish is at fault, rather than the cluster.</summary>
    public abstract bool IsCallersFault { get; }
}
