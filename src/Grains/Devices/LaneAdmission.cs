namespace AdaptCluster.Grains.Devices;

/// <summary>
/// How many requests wait, whose they are, and who may add one. A tenant may have as many waiting as there are places left: one alone gets half of them, two get a
/// third each, and whoever comes new always finds some. Not thread-safe.
/// </summary>
/// <remarks>Choudhury and Hahne, <em>Dynamic queue length thresholds for shared-memory packet switches</em>, IEEE/ACM Transactions on Networking 6(2), 1998.</remarks>
/// <param name="capacity">The most requests that wait.</param>
internal sealed class LaneAdmission(int capacity)
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, int> _waiting = new(StringComparer.Ordinal);
    private double _secondsPerRequest;

    /// <summary>How many wait.</summary>
    public int Waiting { get; private set; }

    /// <summary>Counts one more request, if there is a place for it. The cluster's own work, of no tenant, may have every place.</summary>
    public bool TryEnter(string tenant)
    {
        int own = _waiting.GetValueOrDefault(tenant);
        if (Waiting >= capacity || (tenant.Length > 0 && own >= capacity - Waiting))
        {
            return false;
        }

        _waiting[tenant] = own + 1;
        Waiting++;
        return true;
    }

    /// <summary>Counts requests that wait no more.</summary>
    public void Leave(string tenant, int requests)
    {
        Waiting -= requests;
        int left = _waiting[tenant] - requests;
        if (left > 0)
        {
            _waiting[tenant] = left;
        }
        else
        {
            _waiting.Remove(tenant);
        }
    }

    /// <summary>Learns from an operation how long requests take.</summary>
    public void Took(TimeSpan elapsed, int requests)
    {
        const double Weight = 0.1; // of the newest: the mean of some ten
        _secondsPerRequest += Weight * ((elapsed.TotalSeconds / Math.Max(1, requests)) - _secondsPerRequest);
    }

    /// <summary>After what time those that wait now are done.</summary>
    public TimeSpan RetryAfter()
    {
        double seconds = Math.Round(Waiting * _secondsPerRequest, 1);
        return seconds <= s_shortest.TotalSeconds ? s_shortest : seconds >= s_longest.TotalSeconds ? s_longest : TimeSpan.FromSeconds(seconds);
    }
}
