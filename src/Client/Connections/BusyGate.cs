using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Client.Connections;

/// <summary>
/// While a cluster refuses a tenant's work, so does the client, without asking: a refusal costs a silo a tenth of what serving the call would. The gate is closed for
/// much shorter than what the cluster has waiting, so that it never runs out of work because of it.
/// </summary>
internal sealed class BusyGate : IOutgoingGrainCallFilter
{
    private static readonly TimeSpan s_closed = TimeSpan.FromMilliseconds(100);

    private static readonly FrozenSet<string> s_work = FrozenSet.Create(StringComparer.Ordinal, "ObserveAsync", "AdaptAsync", "PredictAsync", "WeighAsync");

    private readonly ConcurrentDictionary<string, Refusal> _refusals = new(StringComparer.Ordinal);

    /// <exception cref="BusyException">The cluster has refused a call of the tenant just before.</exception>
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!s_work.Contains(context.MethodName))
        {
            await context.Invoke();
            return;
        }

        string tenant = TenantOf(context.TargetId);
        if (_refusals.TryGetValue(tenant, out Refusal? last) && Stopwatch.GetElapsedTime(last.At) < s_closed)
        {
            throw new BusyException(last.RetryAfter);
        }

        try
        {
            await context.Invoke();
        }
        catch (BusyException busy)
        {
            _refusals[tenant] = new Refusal(Stopwatch.GetTimestamp(), busy.RetryAfter);
            throw;
        }
    }

    // Keys of grains that belong to a tenant begin with its name.
    private static string TenantOf(GrainId grain)
    {
        string key = grain.Key.ToString()!;
        int end = key.IndexOf('/', StringComparison.Ordinal);
        return end < 0 ? key : key[..end];
    }

    private sealed record Refusal(long At, TimeSpan RetryAfter);
}
