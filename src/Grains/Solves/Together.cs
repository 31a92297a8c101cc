using System.Runtime.ExceptionServices;

namespace AdaptCluster.Grains.Solves;

/// <summary>The same of all parts of a whole, at the same time.</summary>
internal static class Together
{
    /// <summary>Waits for all. The first failure ends what the others do, because nothing of it would be used, and is thrown when they have ended.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="action">What is done with each.</param>
    /// <param name="cancellationToken">Ends all of it.</param>
    public static async Task AllAsync<T>(IEnumerable<T> parts, Func<T, CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? failure = null;
        await Task.WhenAll(parts.Select(OneAsync));
        cancellationToken.ThrowIfCancellationRequested();
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        async Task OneAsync(T part)
        {
            try
            {
                await action(part, stop.Token);
            }
            catch (Exception error)
            {
                failure ??= error;
                await stop.CancelAsync();
            }
        }
    }
}
