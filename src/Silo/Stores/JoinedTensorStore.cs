using System.Security.Cryptography;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using Orleans.Runtime.Placement;

namespace AdaptCluster.Silo.Stores;

/// <summary>The tensor files of the silo whose store this one has joined: written and read there, in messages of at most 4 MB.</summary>
/// <param name="grains">To the silo.</param>
/// <param name="host">Knows which it is.</param>
/// <param name="instruments">Counts what goes over the wire as what it is: tensors.</param>
internal sealed class JoinedTensorStore(IGrainFactory grains, StoreHost host, AdaptInstruments instruments) : ITensorStore
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public async Task<string> PutAsync(TensorScope scope, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string hash = content.Length <= ITensorFilesGrain.MaxBytes
            ? await PutAsync(scope.Path, scope.IsDurable, content, cancellationToken)
            : await PutInPartsAsync(scope, content, cancellationToken);
        instruments.TensorBytes("write", content.Length);
        return hash;
    }

    public async Task<byte[]> GetAsync(TensorScope scope, string hash, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        byte[] part;
        do
        {
            part = await GetPartAsync(scope, hash, whole.Length, ITensorFilesGrain.MaxBytes, cancellationToken);
            whole.Write(part);
        }
        while (part.Length == ITensorFilesGrain.MaxBytes);

        byte[] content = whole.ToArray();
        if (Convert.ToHexStringLower(SHA256.HashData(content)) != hash)
        {
            throw new StoreException($"'{scope.Path}/{hash}' of the joined store is damaged (its checksum differs); restore it from a backup.", isRetryable: false);
        }

        instruments.TensorBytes("read", content.Length);
        return content;
    }

    public async Task<byte[]> GetPartAsync(TensorScope scope, string hash, long offset, int most, CancellationToken cancellationToken)
    {
        TensorPayload part = await CallAsync(files => files.GetAsync(scope.Path, hash, offset, CancellationToken.None), cancellationToken);
        return part.Data.Length <= most ? part.Data.ToArray() : part.Data[..most].ToArray();
    }

    public Task DeleteAsync(TensorScope scope, string hash, CancellationToken cancellationToken) => DeleteAsync(scope.Path, hash, cancellationToken);

    public Task DeleteAllAsync(TensorScope scope, CancellationToken cancellationToken) => DeleteAsync(scope.Path, null, cancellationToken);

    private Task<string> PutAsync(string scope, bool isDurable, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => CallAsync(
        files => files.PutAsync(scope, isDurable, TensorPayload.FromBytes(content.ToArray()), CancellationToken.None), cancellationToken);

    private async Task<string> PutInPartsAsync(TensorScope scope, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var upload = Guid.NewGuid();
        TensorScope staged = TensorScope.Staging(upload);
        var parts = new List<string>();
        for (int offset = 0; offset < content.Length; offset += ITensorFilesGrain.MaxBytes)
        {
            ReadOnlyMemory<byte> part = content.Slice(offset, Math.Min(ITensorFilesGrain.MaxBytes, content.Length - offset));
            parts.Add(await PutAsync(staged.Path, staged.IsDurable, part, cancellationToken));
        }

        return await CallAsync(files => files.AssembleAsync(scope.Path, scope.IsDurable, upload, parts, CancellationToken.None), cancellationToken);
    }

    private Task<bool> DeleteAsync(string scope, string? hash, CancellationToken cancellationToken) => CallAsync(
        async files =>
        {
            await files.DeleteAsync(scope, hash, CancellationToken.None);
            return true;
        },
        cancellationToken);

    private async Task<T> CallAsync<T>(Func<ITensorFilesGrain, Task<T>> call, CancellationToken cancellationToken)
    {
        string silo = await host.FindAsync();
        try
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, SiloAddress.FromParsableString(silo));
            return await call(grains.GetGrain<ITensorFilesGrain>(silo)).WaitAsync(s_patience, cancellationToken);
        }
        catch (Exception error) when (error is OrleansException or TimeoutException or StoreException { IsRetryable: true })
        {
            host.Forget();
            throw error as StoreException ?? new StoreException(
                $"the silo {silo}, which has the tensor files, does not answer; start it again on its data directory, or try again.", isRetryable: true);
        }
    }
}
