namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>The durable store cannot read or keep something: a full disk, a damaged file, a lost connection.</summary>
[GenerateSerializer, Alias("adapt.StoreException")]
public sealed class StoreException : AdaptException
{
    /// <summary>Reports a store failure.</summary>
    /// <param name="message">One line: what, where, what to do.</param>
    /// <param name="isRetryable">Whether it may pass by itself, as a lost connection does and a damaged file does not.</param>
    public StoreException(string message, bool isRetryable)
        : base(message)
    {
        IsRetryable = isRetryable;
    }

    /// <inheritdoc/>
    [Id(0)]
    public override bool IsRetryable { get; }

    /// <inheritdoc/>
    public override bool IsCallersFault => false;
}
