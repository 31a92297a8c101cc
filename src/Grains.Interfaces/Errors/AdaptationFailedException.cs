namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>A computation did not give a usable answer: training diverged, a kernel matrix is not positive definite.</summary>
[GenerateSerializer, Alias("adapt.AdaptationFailedException")]
public sealed class AdaptationFailedException : AdaptException
{
    /// <summary>Reports a failed computation with its remedy in the message.</summary>
    public AdaptationFailedException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public override bool IsRetryable => false;

    /// <inheritdoc/>
    public override bool IsCallersFault => false;
}
