using System.Collections.Immutable;
using System.Security.Cryptography;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Client.Data;

/// <summary>Sends a file in parts that fit a message, a few in flight at a time; it is read once and never held whole.</summary>
internal static class StagedFileUpload
{
    private const int PartsInFlight = 4;

    /// <exception cref="InvalidInputException">The file is empty, or larger than <see cref="StagedFile.MaxBytes"/>.</exception>
    public static async Task<StagedFile> SendAsync(IGrainFactory grains, Stream file, string name, CancellationToken cancellationToken)
    {
        if (file.CanSeek)
        {
            RequireSize(file.Length - file.Position, name);
        }

        var upload = Guid.NewGuid();
        IStagingGrain staging = grains.GetGrain<IStagingGrain>(0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var parts = new List<Task<string>>();
        long length = 0;
        while (true)
        {
            byte[] buffer = GC.AllocateUninitializedArray<byte>(IStagingGrain.MaxBytes);
            int read = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            if (read == 0)
            {
                break;
            }

            length += read;
            RequireSize(length, name);
            hash.AppendData(buffer, 0, read);
            parts.Add(staging.StageAsync(upload, TensorPayload.FromBytes(read == buffer.Length ? buffer : buffer[..read]), cancellationToken));
            if (parts.Count >= PartsInFlight)
            {
                await parts[^PartsInFlight];
            }
        }

        RequireSize(length, name);
        string[] hashes = await Task.WhenAll(parts);
        return new StagedFile(upload, ImmutableArray.Create(hashes), length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static void RequireSize(long length, string name)
    {
        if (length is 0 or > StagedFile.MaxBytes)
        {
            throw new InvalidInputException(
                name, length == 0 ? "the file is empty" : $"the file has more than {StagedFile.MaxBytes:N0} bytes", $"give a file of at most {StagedFile.MaxBytes:N0} bytes");
        }
    }
}
