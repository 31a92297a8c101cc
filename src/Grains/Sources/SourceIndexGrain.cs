using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.State;

namespace AdaptCluster.Grains.Sources;

/// <inheritdoc cref="ISourceIndexGrain"/>
internal sealed class SourceIndexGrain(
    [PersistentState("source-index", GrainStorage.Name)] IPersistentState<Stored<SourceIndexState>> storage) : Grain, ISourceIndexGrain
{
    private DurableState<SourceIndexState> _state = null!;

    private ImmutableArray<string> Names => _state.Current?.Names ?? [];

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _state = new DurableState<SourceIndexState>(storage);
        return Task.CompletedTask;
    }

    public async Task AddAsync(string source, CancellationToken cancellationToken)
    {
        if (!Names.Contains(source))
        {
            await _state.CommitAsync(
                new SourceIndexState([.. Names.Append(source).Order(StringComparer.Ordinal)]), cancellationToken);
        }
    }

    public Task<ImmutableArray<string>> ListAsync(CancellationToken cancellationToken) => Task.FromResult(Names);
}
