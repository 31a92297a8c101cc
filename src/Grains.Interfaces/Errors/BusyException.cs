namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>The device, or a silo, has more work waiting than it accepts. Nothing was started.</summary>
[GenerateSerializer, Alias("adapt.BusyException")]
public sealed class BusyException : AdaptException
{
    /// <summary>Reports a full queue.</summary>
    public BusyException(int queued, TimeSpan retryAfter)
        : base($"the device has {queued} operations waiting and takes no more; try again in {retryAfter.TotalSeconds:0.#} s.")
    {
        RetryAfter = retryAfter;
    }

    /// <summary>Reports a silo that is late with everything.</summary>
    public BusyException(TimeSpan retryAfter)
        : base($"the silo has more to do than it can and takes no more; try again in {retryAfter.TotalSeconds:0.#} s.")
    {
        RetryAfter = retryAfter;
    }

    /// <summary>When to try again.</summary>
    [Id(0)]
    public TimeSpan RetryAfter { get; }

    /// <summary>Without the stack: Orleans writes out what it refuses a message with, and there are thousands of them a second when this is thrown.</summary>
    public override string ToString() => $"{GetType().FullName}: {Message}";

    /// <inheritdoc/>
    public override bool IsRetryable => true;

    /// <inheritdoc/>
    public override bool IsCallersFault => false;
}
