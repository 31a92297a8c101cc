using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.State;

namespace AdaptCluster.Grains.Tasks;

/// <inheritdoc cref="ITaskIndexGrain"/>
internal sealed class TaskIndexGrain(
    [PersistentState("task-index", GrainStorage.Name)] IPersistentState<Stored<TaskIndexState>> storage) : Grain, ITaskIndexGrain
{
    private readonly SortedSet<string> _wanted = new(StringComparer.Ordinal);
    private DurableState<TaskIndexState> _state = null!;
    private long _changes;
    private long _durableChanges;
    private Task? _writing;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _state = new DurableState<TaskIndexState>(storage);
        _wanted.UnionWith(_state.Current?.Names ?? []);
        return Task.CompletedTask;
    }

    public Task AddAsync(string task, CancellationToken cancellationToken) =>
        _wanted.Add(task) ? WriteAsync(++_changes) : WriteAsync(_changes);

    public Task RemoveAsync(string task, CancellationToken cancellationToken) =>
        _wanted.Remove(task) ? WriteAsync(++_changes) : WriteAsync(_changes);

    public Task<ImmutableArray<string>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_state.Current?.Names ?? []);

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
        await _state.CommitAsync(new TaskIndexState([.. _wanted]));
        _durableChanges = covered;
    }
}
