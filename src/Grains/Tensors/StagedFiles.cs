using System.Security.Cryptography;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Tensors;

/// <summary>Reads a staged file back, checked.</summary>
internal sealed class StagedFiles(ITensorStore store)
{
    /// <summary>All bytes, in order.</summary>
    /// <exception cref="InvalidInputException">It is too large, or its parts do not add up to what was announced.</exception>
    /// <exception cref="StoreException">A part is not there any more.</exception>
    public async Task<byte[]> ReadAsync(StagedFile file, string name, CancellationToken cancellationToken)
    {
        if (file.Length is < 1 or > StagedFile.MaxBytes)
        {
            throw new InvalidInputException(name, $"it has {file.Length:N0} bytes", $"send from 1 to {StagedFile.MaxBytes:N0} bytes");
        }

        if (file.Parts.IsDefault || file.Length > file.Parts.Length * (long)IStagingGrain.MaxBytes)
        {
            throw Incomplete(name);
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)file.Length);
        int at = 0;
        foreach (string hash in file.Parts)
        {
            TensorPayload part = StagedRows.FromBytes(await store.GetAsync(TensorScope.Staging(file.Upload), hash, cancellationToken));
            if (part.ElementType != TensorElementType.UInt8 || part.Data.Length > bytes.Length - at)
            {
                throw Incomplete(name);
            }

            part.Data.CopyTo(bytes.AsMemory(at));
            at += part.Data.Length;
        }

        bool isWhole = at == bytes.Length && Convert.ToHexStringLower(SHA256.HashData(bytes)) == file.Hash;
        return isWhole ? bytes : throw Incomplete(name);
    }

    /// <summary>The parts, which go when it is disposed: however the operation ends that they were sent for.</summary>
    public StagedParts Of(StagedFile file) => new(store, TensorScope.Staging(file.Upload));

    private static InvalidInputException Incomplete(string name) => new(name, "what was sent is not the file that was announced", "send it again");
}
