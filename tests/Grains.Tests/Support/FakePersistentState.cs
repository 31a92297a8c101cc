namespace AdaptCluster.Grains.Tests.Support;

/// <summary>A grain's storage whose writes end when the test says so.</summary>
internal sealed class FakePersistentState<T> : IPersistentState<T>
    where T : new()
{
    private readonly List<(T State, TaskCompletionSource Ended)> _writes = [];

    public T State { get; set; } = new();

    public string? Etag => null;

    public bool RecordExists => _writes.Count > 0;

    /// <summary>What was handed over to be written, in order.</summary>
    public IReadOnlyList<T> Written => [.. _writes.Select(write => write.State)];

    /// <summary>Writes end at once.</summary>
    public bool Immediate { get; set; }

    public int Clears { get; private set; }

    public void EndWrite(int write, Exception? failure = null)
    {
        if (failure is null)
        {
            _writes[write].Ended.SetResult();
        }
        else
        {
            _writes[write].Ended.SetException(failure);
        }
    }

    public Task WriteStateAsync()
    {
        var ended = new TaskCompletionSource();
        _writes.Add((State, ended));
        if (Immediate)
        {
            ended.SetResult();
        }

        return ended.Task;
    }

    public Task ClearStateAsync()
    {
        Clears++;
        State = new T();
        return Task.CompletedTask;
    }

    public Task ReadStateAsync() => Task.CompletedTask;
}
