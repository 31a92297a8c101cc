using System.Text.RegularExpressions;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tensors;
using Orleans.Concurrency;
using Orleans.Placement;

namespace AdaptCluster.Grains.Tensors;

/// <inheritdoc cref="ITensorFilesGrain"/>
[Reentrant]
[Immovable]
internal sealed partial class TensorFilesGrain(ITensorStore store, ILocalSiloDetails silo) : Grain, ITensorFilesGrain
{
    public Task<string> PutAsync(string scope, bool isDurable, TensorPayload content, CancellationToken cancellationToken) =>
        Store().PutAsync(ScopeOf(scope, isDurable), content.Data, cancellationToken);

    public async Task<string> AssembleAsync(string scope, bool isDurable, Guid upload, IReadOnlyList<string> parts, CancellationToken cancellationToken)
    {
        ITensorStore files = Store();
        TensorScope staged = TensorScope.Staging(upload);
        using var whole = new MemoryStream();
        foreach (string part in parts)
        {
            whole.Write(await files.GetAsync(staged, part, cancellationToken));
        }

        string hash = await files.PutAsync(ScopeOf(scope, isDurable), whole.GetBuffer().AsMemory(0, (int)whole.Length), cancellationToken);
        await files.DeleteAllAsync(staged, cancellationToken);
        return hash;
    }

    public async Task<TensorPayload> GetAsync(string scope, string hash, long offset, CancellationToken cancellationToken) =>
        TensorPayload.FromBytes(await Store().GetPartAsync(ScopeOf(scope, isDurable: false), hash, offset, ITensorFilesGrain.MaxBytes, cancellationToken));

    public Task DeleteAsync(string scope, string? hash, CancellationToken cancellationToken) => hash is null
        ? Store().DeleteAllAsync(ScopeOf(scope, isDurable: false), cancellationToken)
        : Store().DeleteAsync(ScopeOf(scope, isDurable: false), hash, cancellationToken);

    private ITensorStore Store()
    {
        if (silo.SiloAddress.ToParsableString() == this.GetPrimaryKeyString())
        {
            return store;
        }

        // Its silo was gone when it was asked for, so it came to be elsewhere.
        DeactivateOnIdle();
        throw new StoreException($"the silo {this.GetPrimaryKeyString()}, which has the tensor files, is gone; start it again on its data directory.", isRetryable: true);
    }

    private static TensorScope ScopeOf(string path, bool isDurable) => IsPath().IsMatch(path)
        ? new TensorScope(path, isDurable)
        : throw new InvalidInputException("scope", $"'{path}' is no scope of the tensor store", "send one that the store has");

    [GeneratedRegex("^[a-z0-9-]+(/[a-z0-9-]+)*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IsPath();
}
