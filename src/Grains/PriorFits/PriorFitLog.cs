using Microsoft.Extensions.Logging;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>What fits of priors say in the log. The key names source and fit.</summary>
internal static partial class PriorFitLog
{
    [LoggerMessage(1, LogLevel.Information, "Prior fit {Key} begins: attempt {Attempt}, {Parts} parts, {Evaluations} evaluations known.")]
    public static partial void Begins(this ILogger logger, string key, int attempt, int parts, int evaluations);

    [LoggerMessage(2, LogLevel.Information, "Prior fit {Key} ended after {Seconds:0.00} s and {Evaluations} evaluations: {Outcome}.")]
    public static partial void Ended(this ILogger logger, string key, double seconds, int evaluations, string outcome);

    [LoggerMessage(3, LogLevel.Warning, "Prior fit {Key} failed: {Reason}")]
    public static partial void Failed(this ILogger logger, string key, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Prior fit {Key}: part {Part} moves from silo {From} to {To}.")]
    public static partial void Moves(this ILogger logger, string key, int part, string from, string to);

    [LoggerMessage(5, LogLevel.Warning, "Prior fit {Key}: part {Part} on silo {Silo} {Problem}; it is loaded again.")]
    public static partial void Reloads(this ILogger logger, string key, int part, string silo, string problem);

    [LoggerMessage(6, LogLevel.Warning, "Prior fit {Key} goes on after an error that may pass: {Reason}")]
    public static partial void Retries(this ILogger logger, string key, string reason);

    [LoggerMessage(7, LogLevel.Warning, "Prior fit {Key}: what it had computed before cannot be used from evaluation {Evaluation} on ({Problem}); that is computed again.")]
    public static partial void Forgets(this ILogger logger, string key, int evaluation, string problem);

    [LoggerMessage(8, LogLevel.Error, "Prior fit {Key} ended with an internal error.")]
    public static partial void InternalError(this ILogger logger, Exception error, string key);

    [LoggerMessage(9, LogLevel.Information, "Part {Key} of a prior fit freed itself: nobody asked it for {Seconds:0} s.")]
    public static partial void PartIdle(this ILogger logger, string key, double seconds);
}
