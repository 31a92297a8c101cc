using AdaptCluster.Cli.Sessions;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary>A file of rows with targets, read for a source that exists; holds the way to the cluster until it is disposed.</summary>
internal sealed class LabelledInput : IAsyncDisposable
{
    private LabelledInput(ClusterSession session, SourceHandle source, Table table, IReadOnlyList<LabelledGroup> tasks)
    {
        Session = session;
        Source = source;
        Table = table;
        Tasks = tasks;
    }

    /// <summary>The way to the cluster.</summary>
    public ClusterSession Session { get; }

    /// <summary>The source.</summary>
    public SourceHandle Source { get; }

    /// <summary>The file, without the rows that were left out.</summary>
    public Table Table { get; }

    /// <summary>Its rows by task, encoded by the source's schema.</summary>
    public IReadOnlyList<LabelledGroup> Tasks { get; }

    /// <summary>Reads the file first: a bad path is said before a silo is started for it.</summary>
    /// <exception cref="TableException">The file cannot be used.</exception>
    /// <exception cref="Grains.Interfaces.Errors.AdaptException">There is no such source, or no cluster.</exception>
    public static async Task<LabelledInput> OpenAsync(CommandContext context, string source, DataOptions data)
    {
        Table file = await TableFile.ReadAsync(context.Get(data.Data), null, context.CancellationToken);
        ClusterSession session = await context.OpenAsync();
        try
        {
            SourceHandle handle = session.Client.Source(source);
            SourceDescription description = await handle.DescribeAsync(context.CancellationToken);
            (Table table, IReadOnlyList<LabelledGroup> tasks) = TaskFile.Labelled(
                file, description, context.Get(data.Target), context.Get(data.Task), context.Find(data.DropMissing));
            return new LabelledInput(session, handle, table, tasks);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Session.DisposeAsync();
}
