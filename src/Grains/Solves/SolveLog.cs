using Microsoft.Extensions.Logging;

namespace AdaptCluster.Grains.Solves;

/// <summary>What solves say in the log. The key names task and solve.</summary>
internal static partial class SolveLog
{
    [LoggerMessage(1, LogLevel.Information, "Solve {Key} begins: session {Session}, attempt {Attempt}, {Plan}.")]
    public static partial void Begins(this ILogger logger, string key, long session, int attempt, string plan);

    [LoggerMessage(2, LogLevel.Information, "Solve {Key} ended after {Seconds:0.00} s: {Outcome}.")]
    public static partial void Ended(this ILogger logger, string key, double seconds, string outcome);

    [LoggerMessage(3, LogLevel.Warning, "Solve {Key} failed: {Reason}")]
    public static partial void Failed(this ILogger logger, string key, string reason);

    [LoggerMessage(4, LogLevel.Information, "Solve {Key} waits for memory: {Reason}.")]
    public static partial void Waits(this ILogger logger, string key, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Solve {Key}: shard {Shard} on silo {Silo} is slow: {Seconds:0.0} s for one question so far.")]
    public static partial void IsSlow(this ILogger logger, string key, int shard, string silo, double seconds);

    [LoggerMessage(6, LogLevel.Warning, "Solve {Key}: shard {Shard} on silo {Silo} {Problem}; it is loaded again.")]
    public static partial void Reloads(this ILogger logger, string key, int shard, string silo, string problem);

    [LoggerMessage(7, LogLevel.Warning, "Solve {Key}: shard {Shard} moves from silo {From} to {To}.")]
    public static partial void Moves(this ILogger logger, string key, int shard, string from, string to);

    [LoggerMessage(8, LogLevel.Warning, "Solve {Key} goes on after an error that may pass: {Reason}")]
    public static partial void Retries(this ILogger logger, string key, string reason);

    [LoggerMessage(9, LogLevel.Error, "Solve {Key} ended with an internal error.")]
    public static partial void InternalError(this ILogger logger, Exception error, string key);

    [LoggerMessage(10, LogLevel.Debug, "Shard {Key} has reserved {Bytes} bytes and holds {Resident}.")]
    public static partial void ShardLoaded(this ILogger logger, string key, long bytes, long resident);

    [LoggerMessage(11, LogLevel.Information, "Shard {Key} freed itself: nobody asked it for {Seconds:0} s.")]
    public static partial void ShardIdle(this ILogger logger, string key, double seconds);
}
