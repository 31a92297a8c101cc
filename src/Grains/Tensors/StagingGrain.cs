using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tensors;
using Orleans.Concurrency;

namespace AdaptCluster.Grains.Tensors;

/// <inheritdoc cref="IStagingGrain"/>
[StatelessWorker]
internal sealed class StagingGrain(ITensorStore store) : Grain, IStagingGrain
{
    public Task<string> StageAsync(Guid upload, TensorPayload part, CancellationToken cancellationToken)
    {
        if (part.Data.Length > IStagingGrain.MaxBytes)
        {
            throw new InvalidInputException(
                "part", $"it has {part.Data.Length} bytes", $"send parts of at most {IStagingGrain.MaxBytes}");
        }

        return store.PutAsync(TensorScope.Staging(upload), StagedRows.ToBytes(part), cancellationToken);
    }
}
