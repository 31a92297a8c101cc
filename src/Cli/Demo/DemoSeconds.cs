using System.Diagnostics;

namespace AdaptCluster.Cli.Demo;

/// <summary>Wall-clock seconds by what they were spent on.</summary>
internal sealed class DemoSeconds
{
    private readonly Dictionary<string, double> _seconds = [];
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>Runs an operation and adds its time to a name.</summary>
    public async Task<T> MeasureAsync<T>(string name, Func<Task<T>> operation)
    {
        long started = Stopwatch.GetTimestamp();
        T result = await operation();
        _seconds[name] = _seconds.GetValueOrDefault(name) + Stopwatch.GetElapsedTime(started).TotalSeconds;
        return result;
    }

    /// <summary>The times so far, with the total since this was made.</summary>
    public IReadOnlyDictionary<string, double> ToReport() =>
        new Dictionary<string, double>(_seconds) { ["total"] = Stopwatch.GetElapsedTime(_started).TotalSeconds };
}
