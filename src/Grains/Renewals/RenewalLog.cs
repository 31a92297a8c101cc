using Microsoft.Extensions.Logging;

namespace AdaptCluster.Grains.Renewals;

/// <summary>What renewals say in the log.</summary>
internal static partial class RenewalLog
{
    [LoggerMessage(1, LogLevel.Information, "Source {Source}: {Tasks} tasks are adapted to prior version {Version}, from part {Part} of the index on.")]
    public static partial void Begins(this ILogger logger, string source, int tasks, int version, int part);

    [LoggerMessage(2, LogLevel.Information, "Source {Source}: {Renewed} of {Tasks} tasks are on prior version {Version}, {Waiting} wait for their own adaptation, {Failed} failed.")]
    public static partial void Ended(this ILogger logger, string source, int version, int tasks, int renewed, int waiting, int failed);

    [LoggerMessage(3, LogLevel.Warning, "Source {Source}: adapting its tasks to a new prior goes on after an error that may pass: {Reason}")]
    public static partial void Retries(this ILogger logger, string source, string reason);
}
