namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>The device has more work waiting than it accepts. Nothing was started.</summary>
[GenerateSerializer, Alias("adapt.BusyException")]
public sealed class BusyException : AdaptException
{
    /// <summary>Reports a full queue.</summary>
    public BusyException(int queued, TimeSpan retryAfter)
        : base($"the device has {queued} operations waiting and takes no more; try again in {retryAfter.TotalSeconds:0.#} s.")
    {
        RetryAfter = retryAfter;
    }

    /// <summary>When to try again.</summary>
    [Id(0)]
    public TimeSpan RetryAfter { get; }

    /// <inheritdoc/>
    public override bool IsRetryable => true;

    /// <inheritdoc/>
    public override bool IsCallersFault => false;
}
