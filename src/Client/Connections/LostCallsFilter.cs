using System.Collections.Frozen;
using System.Diagnostics;
using AdaptCluster.Grains.Interfaces.Errors;
using Orleans.Serialization.Invocation;

namespace AdaptCluster.Client.Connections;

/// <summary>
/// Makes a call again that was lost because its silo died, ends, or is not found any more. Waits grow and have a random part, so that
/// the clients of a silo do not all come back at once. What stays lost is an error of the cluster's own.
/// </summary>
/// <remarks>
/// Only calls whose repetition changes nothing: rows are named by their content or their batch's id, a posterior that is there is
/// not computed again. A second deletion finds nothing, which then is what was wanted.
/// </remarks>
internal sealed class LostCallsFilter(TimeSpan repeatFor) : IOutgoingGrainCallFilter
{
    private const string Delete = "DeleteAsync";

    private static readonly FrozenSet<string> s_harmless = FrozenSet.Create(
        StringComparer.Ordinal,
        "ObserveAsync", "AdaptAsync", "PredictAsync", "DescribeAsync", "ExplainAsync", "CancelAsync", "ReleaseAsync", "ListAsync", "StageAsync", "ImportAsync", "CountUploadedAsync", Delete);

    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        long started = Stopwatch.GetTimestamp();
        TimeSpan wait = s_first;
        for (int tries = 1; ; tries++)
        {
            try
            {
                await context.Invoke();
                return;
            }
            catch (NotFoundException) when (tries > 1 && context.MethodName == Delete)
            {
                context.Response = Response.Completed;
                return;
            }
            catch (Exception error) when (
                error is OrleansException or TimeoutException
                && s_harmless.Contains(context.MethodName) && IsOwn(context) && Stopwatch.GetElapsedTime(started) + wait < repeatFor)
            {
                await Task.Delay(wait / 2 + (wait / 2 * Random.Shared.NextDouble()));
                wait = wait + wait < s_longest ? wait + wait : s_longest;
            }
            catch (Exception error) when (error is OrleansException or TimeoutException && IsOwn(context))
            {
                throw new CallLostException(
                    $"{context.MethodName} of {context.TargetId}", Stopwatch.GetElapsedTime(started), error is TimeoutException, error);
            }
        }
    }

    private static bool IsOwn(IOutgoingGrainCallContext context) =>
        context.InterfaceName.StartsWith("AdaptCluster.", StringComparison.Ordinal) || context.InterfaceName.StartsWith("adapt.", StringComparison.Ordinal);
}
