using System.Security.Cryptography;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Networks;
using Microsoft.Extensions.Options;

namespace AdaptCluster.Grains.Models;

/// <summary>Source models by content hash: in the tensor store, and read once per silo.</summary>
internal sealed class SourceModelStore(ITensorStore tensors, IOptions<DeviceOptions> options, AdaptInstruments instruments) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ByteBudgetCache<string, SourceModel> _models = new("model", options.Value.ModelCacheBytes, instruments);

    /// <summary>The content hash that a model has or would have.</summary>
    public static string HashOf(SourceModel model) => Convert.ToHexStringLower(SHA256.HashData(SourceModelFile.ToBytes(model)));

    /// <summary>Keeps a model, durably.</summary>
    /// <returns>Its content hash.</returns>
    public async Task<string> SaveAsync(SourceModel model, CancellationToken cancellationToken)
    {
        string hash = await tensors.PutAsync(TensorScope.Models, SourceModelFile.ToBytes(model), cancellationToken);
        Keep(hash, model);
        return hash;
    }

    /// <summary>The model with a hash.</summary>
    /// <exception cref="StoreException">Its file is missing or damaged.</exception>
    public async ValueTask<SourceModel> LoadAsync(string hash, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_models.TryGet(hash, out SourceModel? kept))
            {
                return kept;
            }
        }

        byte[] file = await tensors.GetAsync(TensorScope.Models, hash, cancellationToken);
        try
        {
            SourceModel model = SourceModelFile.Parse(file);
            Keep(hash, model);
            return model;
        }
        catch (InvalidDataException error)
        {
            throw new StoreException($"model {hash} in the tensor store: {error.Message}; restore it from a backup.", isRetryable: false);
        }
    }

    public void Dispose() => _models.Dispose();

    private static long Bytes(SourceModel model) =>
        (sizeof(float) * (model.Weights.Values.LongLength + model.Weights.FixedValues.LongLength)) + (model.Weights.Program?.LongLength ?? 0);

    private void Keep(string hash, SourceModel model)
    {
        lock (_gate)
        {
            _models.Add(hash, model, Bytes(model));
        }
    }
}
