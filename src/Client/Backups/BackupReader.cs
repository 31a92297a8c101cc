using System.Text.Json;
using AdaptCluster.Grains.Interfaces.Backups;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Client.Backups;

/// <summary>Fills an empty cluster from a backup: files before the records that name them. Broken off, it can be done again.</summary>
internal static class BackupReader
{
    private const string Extension = ".safetensors";

    /// <exception cref="InvalidInputException">The folder is no finished backup of a format that is known, or the cluster is not empty.</exception>
    /// <exception cref="StoreException">The backup is damaged, or the cluster's store cannot keep it.</exception>
    public static async Task<BackupSummary> RestoreAsync(
        IGrainFactory grains, string folder, IProgress<BackupSummary>? progress, CancellationToken cancellationToken)
    {
        string root = Path.GetFullPath(folder);
        BackupManifest manifest = await CheckAsync(root, folder, cancellationToken);
        IBackupGrain cluster = grains.GetGrain<IBackupGrain>(0);
        await cluster.BeginRestoreAsync(cancellationToken);
        long records = 0, files = 0, bytes = 0;
        string tensors = Path.Combine(root, BackupWriter.FilesFolder);
        foreach (string path in Directory.Exists(tensors) ? Directory.EnumerateFiles(tensors, "*", SearchOption.AllDirectories) : [])
        {
            bytes += await SendAsync(cluster, tensors, path, cancellationToken);
            files++;
            progress?.Report(new BackupSummary(records, files, bytes));
        }

        HashSet<string> gone = [.. manifest.Gone];
        await using FileStream file = File.OpenRead(Path.Combine(root, BackupWriter.RecordsName));
        await foreach ((string key, byte[] content) in RecordsFile.ReadAsync(file, cancellationToken))
        {
            if (!gone.Contains(key))
            {
                await cluster.WriteAsync(new BackupPart(BackupPartKind.Record, key, 0, TensorPayload.FromBytes(content), IsLast: true), cancellationToken);
                records++;
                bytes += content.Length;
                progress?.Report(new BackupSummary(records, files, bytes));
            }
        }

        await cluster.EndRestoreAsync(cancellationToken);
        return new BackupSummary(records, files, bytes);
    }

    private static async Task<BackupManifest> CheckAsync(string root, string folder, CancellationToken cancellationToken)
    {
        BackupManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<BackupManifest>(await File.ReadAllTextAsync(Path.Combine(root, BackupWriter.ManifestName), cancellationToken));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InvalidInputException("folder", $"'{folder}' is no finished backup ({error.Message.TrimEnd('.')})", "name one that 'adapt backup' has finished");
        }

        if (manifest?.Format != BackupManifest.CurrentFormat)
        {
            throw new InvalidInputException("folder", $"'{folder}' has format {manifest?.Format}, this version reads {BackupManifest.CurrentFormat}", "use the version that wrote it");
        }

        string records = Path.Combine(root, BackupWriter.RecordsName);
        return File.Exists(records) && await BackupWriter.HashAsync(records, cancellationToken) == manifest.RecordsHash
            ? manifest
            : throw new StoreException($"the backup '{folder}' is damaged: its records are not those that were written; use another one.", isRetryable: false);
    }

    private static async Task<long> SendAsync(IBackupGrain cluster, string tensors, string path, CancellationToken cancellationToken)
    {
        string name = Path.GetRelativePath(tensors, path).Replace(Path.DirectorySeparatorChar, '/');
        if (Path.GetFileName(path) != await BackupWriter.HashAsync(path, cancellationToken) + Extension)
        {
            throw new StoreException($"the backup's file '{path}' is damaged (its checksum differs); use another backup.", isRetryable: false);
        }

        await using FileStream file = File.OpenRead(path);
        for (long offset = 0; ;)
        {
            byte[] buffer = new byte[BackupPart.MaxBytes];
            int read = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            bool isLast = offset + read == file.Length;
            await cluster.WriteAsync(
                new BackupPart(BackupPartKind.File, name, offset, TensorPayload.FromBytes(read == buffer.Length ? buffer : buffer[..read]), isLast), cancellationToken);
            offset += read;
            if (isLast)
            {
                return offset;
            }
        }
    }
}
