using System.Security.Cryptography;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Silo.DataDirectories;

namespace AdaptCluster.Silo.Stores;

/// <summary>The tensor store as files: <c>scope/hash.safetensors</c>. A file appears whole or not at all.</summary>
internal sealed class DirectoryTensorStore(string root, DiskSpace disk, DeletionHold hold, AdaptInstruments instruments) : ITensorStore
{
    private static readonly TimeSpan s_stagingLifetime = TimeSpan.FromDays(1);

    public async Task<string> PutAsync(TensorScope scope, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        string path = PathOf(scope, hash);
        if (await HoldsAsync(path, content, cancellationToken))
        {
            return hash;
        }

        disk.RequireRoomFor(content.Length);
        string folder = Path.GetDirectoryName(path)!;
        string temporary = Path.Combine(folder, $".{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            await WriteAsync(temporary, content, scope.IsDurable, cancellationToken);
            File.Move(temporary, path, overwrite: true);
            if (scope.IsDurable)
            {
                FolderFlush.ToDisk(folder);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"'{path}' cannot be written ({error.Message}); free some space or check the disk.", isRetryable: true);
        }
        finally
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }

        instruments.TensorBytes("write", content.Length);
        return hash;
    }

    public async Task<byte[]> GetAsync(TensorScope scope, string hash, CancellationToken cancellationToken)
    {
        string path = PathOf(scope, hash);
        byte[] content = await ReadAsync(path, () => File.ReadAllBytesAsync(path, cancellationToken));
        if (Convert.ToHexStringLower(SHA256.HashData(content)) != hash)
        {
            throw new StoreException($"'{path}' is damaged (its checksum differs); restore it from a backup.", isRetryable: false);
        }

        instruments.TensorBytes("read", content.Length);
        return content;
    }

    public Task<byte[]> GetPartAsync(TensorScope scope, string hash, long offset, int most, CancellationToken cancellationToken)
    {
        string path = PathOf(scope, hash);
        return ReadAsync(path, async () =>
        {
            await using FileStream file = File.OpenRead(path);
            file.Position = offset;
            byte[] part = new byte[Math.Clamp(file.Length - offset, 0, most)];
            await file.ReadExactlyAsync(part, cancellationToken);
            return part;
        });
    }

    public Task DeleteAsync(TensorScope scope, string hash, CancellationToken cancellationToken)
    {
        string path = PathOf(scope, hash);
        try
        {
            hold.Delete(path);
        }
        catch (Exception error) when (error is DirectoryNotFoundException or FileNotFoundException)
        {
            // Then it is not there.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"'{path}' cannot be deleted ({error.Message}); check the disk.", isRetryable: true);
        }

        return Task.CompletedTask;
    }

    public Task DeleteAllAsync(TensorScope scope, CancellationToken cancellationToken)
    {
        string folder = Path.Combine(root, scope.Path);
        if (Directory.Exists(folder))
        {
            hold.Delete(folder);
        }

        return Task.CompletedTask;
    }

    /// <summary>Removes uploads that nobody finished, and what was deleted while it was copied.</summary>
    public void Sweep(DateTimeOffset now)
    {
        try
        {
            hold.Sweep();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next sweep does.
        }

        string staging = Path.Combine(root, "staging");
        if (!Directory.Exists(staging))
        {
            return;
        }

        foreach (string upload in Directory.EnumerateDirectories(staging))
        {
            try
            {
                if (now.UtcDateTime - Directory.GetLastWriteTimeUtc(upload) > s_stagingLifetime)
                {
                    Directory.Delete(upload, recursive: true);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Its operation removes it at this moment, or the next sweep does.
            }
        }
    }

    private static async Task<byte[]> ReadAsync(string path, Func<Task<byte[]>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StoreException($"'{path}' is missing; restore it from a backup.", isRetryable: false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"'{path}' cannot be read ({error.Message}); check the disk.", isRetryable: true);
        }
    }

    /// <summary>Whether the file is there and whole; a damaged one is written anew.</summary>
    private static async Task<bool> HoldsAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length != content.Length)
            {
                return false;
            }

            byte[] held = await File.ReadAllBytesAsync(path, cancellationToken);
            return content.Span.SequenceEqual(held);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, bool flush, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
        await stream.WriteAsync(content, cancellationToken);
        if (flush)
        {
            stream.Flush(flushToDisk: true);
        }
    }

    private string PathOf(TensorScope scope, string hash) =>
        hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower)
            ? Path.Combine(root, scope.Path, $"{hash}.safetensors")
            : throw new InvalidInputException("content hash", $"'{hash}' is none", "send the hash that the upload returned");
}
