namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>
/// A call got no answer: the silo that it was for is gone, or does not answer. Whether it was done is not known. The SDK has made it again
/// before it says so, where repeating is harmless.
/// </summary>
[GenerateSerializer, Alias("adapt.CallLostException")]
public sealed class CallLostException : AdaptException
{
    /// <summary>Reports a lost call.</summary>
    /// <param name="call">Which call of which grain, as in <c>AdaptAsync of targettask/default/prices/shop 1</c>.</param>
    /// <param name="after">How long it was tried.</param>
    /// <param name="isTimeout">Whether the last try was delivered, or may have been, and no answer came in time.</param>
    /// <param name="innerException">What the last try ended with.</param>
    public CallLostException(string call, TimeSpan after, bool isTimeout, Exception? innerException)
        : base(
            $"{call} got no answer for {after.TotalSeconds:0.0} s ({Reason(innerException)}); see whether all silos and their store run, then make it again: rows that are held already are not added twice.",
            innerException)
    {
        IsTimeout = isTimeout;
    }

    /// <summary>Whether the last try may still be under way: it was not refused, and no answer came in time.</summary>
    [Id(0)]
    public bool IsTimeout { get; }

    /// <inheritdoc/>
    public override bool IsRetryable => true;

    /// <inheritdoc/>
    public override bool IsCallersFault => false;

    private static string Reason(Exception? error) => error?.Message.Split('\n')[0].TrimEnd('.', '\r', ' ') ?? "it was lost";
}
