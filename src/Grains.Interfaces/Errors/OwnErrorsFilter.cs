using System.Runtime.ExceptionServices;

namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>
/// Gives callers the cluster's own error where Orleans has wrapped it: what storage throws, also while a grain is
/// activated, arrives inside of an <see cref="OrleansException"/>. Silos and clients add it to their outgoing calls.
/// </summary>
public sealed class OwnErrorsFilter : IOutgoingGrainCallFilter
{
    /// <inheritdoc/>
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            await context.Invoke();
        }
        catch (OrleansException error) when (CauseOf(error) is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause);
        }
    }

    private static AdaptException? CauseOf(Exception error)
    {
        Exception? cause = error;
        while (cause is not (null or AdaptException))
        {
            cause = cause.InnerException;
        }

        return (AdaptException?)cause;
    }
}
