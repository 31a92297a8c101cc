namespace AdaptCluster.Grains.Solves;

/// <summary>What one iteration sends and receives, and how many there are in a second. Steps of retired columns are smaller: the largest counts.</summary>
internal sealed class SolveTraffic(TimeProvider clock)
{
    private long _started;
    private int _first = -1;
    private int _last;

    /// <summary>Bytes of a step with all columns.</summary>
    public double Bytes { get; private set; }

    /// <summary>Messages of it.</summary>
    public double Messages { get; private set; }

    /// <summary>Steps per second; 0 before the first.</summary>
    public double PerSecond => _first < 0 || _last == _first ? 0 : (_last - _first) / clock.GetElapsedTime(_started).TotalSeconds;

    /// <summary>Notes that the recurrence is at a step.</summary>
    public void At(int iteration)
    {
        if (_first < 0)
        {
            _first = iteration;
            _started = clock.GetTimestamp();
        }

        _last = iteration;
    }

    /// <summary>Notes what one step took.</summary>
    public void Step(long bytes, long messages)
    {
        Bytes = Math.Max(Bytes, bytes);
        Messages = Math.Max(Messages, messages);
    }
}
