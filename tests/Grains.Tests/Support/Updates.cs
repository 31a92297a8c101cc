namespace AdaptCluster.Grains.Tests.Support;

/// <summary>Progress, kept in the order in which it was told, on the thread that tells it.</summary>
internal sealed class Updates<T>(Action<T>? told = null) : IProgress<T>
{
    public List<T> All { get; } = [];

    public void Report(T value)
    {
        All.Add(value);
        told?.Invoke(value);
    }
}
