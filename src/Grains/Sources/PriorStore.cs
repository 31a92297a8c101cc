using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using Microsoft.Extensions.Options;

namespace AdaptCluster.Grains.Sources;

/// <summary>Priors by their descriptions: a shift and directions are in the tensor store by their content, and read once per silo.</summary>
internal sealed class PriorStore(ITensorStore tensors, IOptions<DeviceOptions> options, AdaptInstruments instruments) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ByteBudgetCache<string, Prior> _moves = new("prior", options.Value.ModelCacheBytes / 4, instruments);

    /// <summary>Keeps a prior's shift and directions, durably.</summary>
    /// <returns>Their content hash; null where it has none.</returns>
    public async Task<string?> SaveAsync(NetworkSpec spec, Prior prior, CancellationToken cancellationToken)
    {
        if (!prior.HasMoves)
        {
            return null;
        }

        byte[] file = await Task.Run(() => PriorMovesFile.ToBytes(spec, prior), cancellationToken);
        return await tensors.PutAsync(TensorScope.Priors, file, cancellationToken);
    }

    /// <summary>The prior of a description.</summary>
    /// <exception cref="StoreException">Its file is missing or damaged.</exception>
    public async ValueTask<Prior> LoadAsync(PriorDescription description, CancellationToken cancellationToken)
    {
        if (description.MovesHash is not { } hash)
        {
            return PriorMapping.ToPrior(description);
        }

        Prior scales = PriorMapping.ToPrior(description with { MovesHash = null });
        lock (_gate)
        {
            if (_moves.TryGet(hash, out Prior? kept))
            {
                return scales with { Shift = kept.Shift, Directions = kept.Directions };
            }
        }

        byte[] file = await tensors.GetAsync(TensorScope.Priors, hash, cancellationToken);
        try
        {
            Prior prior = PriorMovesFile.AddTo(scales, file);
            lock (_gate)
            {
                _moves.Add(hash, prior, sizeof(double) * (prior.Shift.Length + (long)prior.Directions.Length));
            }

            return prior;
        }
        catch (InvalidDataException error)
        {
            throw new StoreException($"prior {hash} in the tensor store: {error.Message}; restore it from a backup, or fit the prior again.", isRetryable: false);
        }
    }

    public void Dispose() => _moves.Dispose();
}
