using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Grains.Sources;

/// <summary>Some rows that a source has learned from, by their content: what the rows of a task are compared with.</summary>
internal sealed class ReferenceStore(ITensorStore tensors)
{
    private const int MostRows = 256;

    /// <summary>Keeps a seeded sample of the inputs, durably.</summary>
    /// <returns>Its content hash.</returns>
    public Task<string> SaveAsync(TaskData data, CancellationToken cancellationToken)
    {
        RowMatrix inputs = data.Sample(MostRows, seed: 0).Inputs;
        byte[] file = StagedRows.ToBytes(TensorPayload.FromMatrix(inputs.Values, inputs.Rows, inputs.Columns));
        return tensors.PutAsync(TensorScope.References, file, cancellationToken);
    }

    /// <summary>The rows, [m, d]; null without a hash.</summary>
    /// <exception cref="StoreException">Their file is missing or damaged.</exception>
    public async Task<RowMatrix?> LoadAsync(string? hash, int width, CancellationToken cancellationToken)
    {
        if (hash is null)
        {
            return null;
        }

        TensorPayload rows = StagedRows.FromBytes(await tensors.GetAsync(TensorScope.References, hash, cancellationToken));
        return new RowMatrix(rows.Shape[0], width, PayloadChecks.RequireMatrix(rows, "reference rows", width, rows.Shape[0]));
    }
}
