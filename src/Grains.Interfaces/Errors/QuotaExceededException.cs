namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>A tenant has as much as it may have. Nothing was changed.</summary>
[GenerateSerializer, Alias("adapt.QuotaExceededException")]
public sealed class QuotaExceededException : AdaptException
{
    /// <summary>Reports a quota.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="what">Of what, as in "tasks".</param>
    /// <param name="most">How much it may have.</param>
    /// <param name="retryAfter">When to try again, where it passes by itself; null where the tenant has to let go of something.</param>
    public QuotaExceededException(string tenant, string what, long most, TimeSpan? retryAfter = null)
        : base($"tenant '{tenant}' may have {most:N0} {what} and no more; "
            + (retryAfter is { } after ? $"try again in {after.TotalSeconds:0.#} s." : "delete some tasks, or have its quota raised."))
    {
        Tenant = tenant;
        What = what;
        Most = most;
        RetryAfter = retryAfter;
    }

    /// <summary>Whose quota.</summary>
    [Id(0)]
    public string Tenant { get; }

    /// <summary>Of what.</summary>
    [Id(1)]
    public string What { get; }

    /// <summary>How much it may have.</summary>
    [Id(2)]
    public long Most { get; }

    /// <summary>When to try again; null where that does not help.</summary>
    [Id(3)]
    public TimeSpan? RetryAfter { get; }

    /// <inheritdoc/>
    public override bool IsRetryable => RetryAfter is not null;

    /// <inheritdoc/>
    public override bool IsCallersFault => true;
}
