using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Telemetry;

namespace AdaptCluster.Grains.Admission;

/// <summary>
/// Whether this silo has more to do than it can: too much waits for the store, or work for its threads waits too long. Then those who ask for more are told when to
/// come again. Without that every call would be begun, all would be late, and in the end none answered in time.
/// </summary>
/// <remarks>
/// How long work waits is how late a timer is whose callbacks go the way of all other work: a machine that stood still is late once and in time with the next callback.
/// </remarks>
public sealed class SiloLoad : IDisposable
{
    /// <summary>The most reads and writes of records at a time at which calls are still taken: more than those of a bulk stream, a quarter of a second of an embedded store on two cores.</summary>
    private const int MostRecords = 1_280;

    /// <summary>The queue at which calls are refused: far above what a busy silo has, far below any caller's patience.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(400);

    /// <summary>The queue at which they are taken again.</summary>
    private static readonly TimeSpan s_calm = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(50);

    /// <summary>About how long it takes until nothing waits.</summary>
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(1);

    private readonly AdaptInstruments _instruments;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private long _due;
    private volatile bool _isOverloaded;
    private int _records;

    /// <summary>Begins to measure.</summary>
    public SiloLoad(AdaptInstruments instruments, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(instruments);
        ArgumentNullException.ThrowIfNull(clock);
        _instruments = instruments;
        _clock = clock;
        _due = Later(s_period);
        _timer = clock.CreateTimer(_ => Look(), null, s_period, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Refuses a call that this silo could not answer soon.</summary>
    /// <exception cref="BusyException">There is too much to do.</exception>
    public void RequireRoom()
    {
        if (_isOverloaded || Volatile.Read(ref _records) > MostRecords || Late() > s_limit)
        {
            _instruments.Refused();
            throw new BusyException(s_retryAfter);
        }
    }

    /// <summary>A read or write of a record begins.</summary>
    public void RecordBegins() => Interlocked.Increment(ref _records);

    /// <summary>It has ended.</summary>
    public void RecordEnds() => Interlocked.Decrement(ref _records);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        TimeSpan late = Late();
        _isOverloaded = late > (_isOverloaded ? s_calm : s_limit);
        Interlocked.Exchange(ref _due, Later(s_period));
        _timer.Change(s_period, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Late() => _clock.GetElapsedTime(Interlocked.Read(ref _due));

    private long Later(TimeSpan time) => _clock.GetTimestamp() + (long)(time.TotalSeconds * _clock.TimestampFrequency);
}
