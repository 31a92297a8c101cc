using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Silo.Stores;

/// <summary>Says of a failure of the store, in one line, which store it is, what it did not do, and what helps.</summary>
/// <param name="store">Which, as in <c>the Redis server 127.0.0.1:6379</c>.</param>
internal sealed class StoreErrors(string store)
{
    /// <summary>What Redis says, in whatever it is wrapped, when it has no memory left.</summary>
    private const string Full = "OOM command not allowed";

    /// <summary>What Redis says while its own disk does not take what it writes.</summary>
    private const string CannotWrite = "MISCONF";

    /// <summary>What Redis says while it reads its log.</summary>
    private const string Starts = "LOADING";

    /// <param name="error">What the connection or Orleans' provider threw.</param>
    /// <param name="subject">Whose records or reminders were read or written.</param>
    /// <returns>All of these pass without a silo being restarted.</returns>
    public StoreException Of(Exception error, string subject) => new(
        error.ToString() switch
        {
            var text when text.Contains(Full, StringComparison.Ordinal) =>
                $"{store} is full and keeps nothing new for {subject}; raise its maxmemory or free memory there, then try again.",
            var text when text.Contains(CannotWrite, StringComparison.Ordinal) =>
                $"{store} cannot write to its own disk and keeps nothing new for {subject}; mend that, then try again.",
            var text when text.Contains(Starts, StringComparison.Ordinal) => $"{store} is starting and does not answer yet for {subject}; try again.",
            _ => $"{store} does not answer for {subject}; try again, and look at it if that stays so.",
        },
        isRetryable: true);
}
