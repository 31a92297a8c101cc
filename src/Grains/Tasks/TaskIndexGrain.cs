using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.State;

namespace AdaptCluster.Grains.Tasks;

/// <inheritdoc cref="ITaskIndexGrain"/>
/// <remarks>
/// Two records: the list, and what has changed since it was written. A change writes the short second one; only when that has grown is the
/// list written again, and then the changes as none. So a new task costs the same whether the source has a hundred tasks or a million.
/// </remarks>
internal sealed class TaskIndexGrain(
    [PersistentState("task-index", GrainStorage.Name)] IPersistentState<Stored<TaskIndexState>> list,
    [PersistentState("task-index-changes", GrainStorage.Name)] IPersistentState<Stored<TaskIndexChanges>> changes) : Grain, ITaskIndexGrain
{
    /// <summary>So many names, some kilobytes, are written with a change at most; the list once in so many.</summary>
    private const int MostChanges = 256;

    private readonly HashSet<string> _wanted = new(StringComparer.Ordinal);
    private DurableState<TaskIndexState> _list = null!;
    private DurableState<TaskIndexChanges> _recent = null!;

    /// <summary>What is wanted beyond the durable list.</summary>
    private NameChanges _pending = new();
    private ImmutableArray<string>? _names;
    private long _changes;
    private long _durableChanges;
    private Task? _writing;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _list = new DurableState<TaskIndexState>(list);
        _recent = new DurableState<TaskIndexChanges>(changes);
        _pending = new NameChanges(_recent.Current);
        _wanted.UnionWith(Names());
        return Task.CompletedTask;
    }

    public Task AddAsync(string task, CancellationToken cancellationToken)
    {
        if (_wanted.Add(task))
        {
            _pending.Add(task);
            _changes++;
        }

        return WriteAsync(_changes);
    }

    public Task RemoveAsync(string task, CancellationToken cancellationToken)
    {
        if (_wanted.Remove(task))
        {
            _pending.Remove(task);
            _changes++;
        }

        return WriteAsync(_changes);
    }

    public Task<ImmutableArray<string>> ListAsync(CancellationToken cancellationToken) => Task.FromResult(Names());

    private ImmutableArray<string> Names() => _names ??= TaskIndexChanges.Apply(_list.Current, _recent.Current);

    /// <summary>Returns when a change is durable. Those that come while a write is under way share the next one.</summary>
    private async Task WriteAsync(long change)
    {
        while (_durableChanges < change)
        {
            if (_writing is null or { IsCompleted: true })
            {
                _writing = WriteOnceAsync();
            }

            await _writing;
        }
    }

    private async Task WriteOnceAsync()
    {
        long covered = _changes;
        if (_pending.Count <= MostChanges)
        {
            await _recent.CommitAsync(_pending.ToState());
        }
        else
        {
            await WriteListAsync();
        }

        _names = null;
        _durableChanges = covered;
    }

    // In between, and where the second write fails, the changes are those of the list before. Applied to this one they take away nothing
    // that was acknowledged.
    private async Task WriteListAsync()
    {
        NameChanges written = _pending;
        _pending = new NameChanges();
        try
        {
            await _list.CommitAsync(new TaskIndexState([.. _wanted.Order(StringComparer.Ordinal)]));
        }
        catch
        {
            _pending = written.Then(_pending);
            throw;
        }

        _names = null;
        await _recent.CommitAsync(new NameChanges().ToState());
    }
}
