namespace AdaptCluster.Cli.Output;

/// <summary>Reports in the order and on the thread of the caller; the framework's own hands each report to another thread.</summary>
internal sealed class InlineProgress<T>(Action<T> handler) : IProgress<T>
{
    public void Report(T value) => handler(value);
}
