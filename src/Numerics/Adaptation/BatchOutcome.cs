using System.Diagnostics.CodeAnalysis;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>What became of one entry of a batch: a result, or its own error. One entry's error is nobody else's.</summary>
/// <typeparam name="T">The result.</typeparam>
public sealed record BatchOutcome<T>
    where T : class
{
    internal BatchOutcome(T value) => Value = value;

    internal BatchOutcome(Exception error) => Error = error;

    /// <summary>The result; null if it failed.</summary>
    public T? Value { get; }

    /// <summary>Why it failed, what the same work alone would have thrown: an <see cref="ArgumentException"/> or a <see cref="Errors.NumericsException"/>.</summary>
    public Exception? Error { get; }

    /// <summary>Whether there is a result.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Error is null;
}
