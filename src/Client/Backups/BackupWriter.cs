using System.Security.Cryptography;
using System.Text.Json;
using AdaptCluster.Grains.Interfaces.Backups;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Hosting;

namespace AdaptCluster.Client.Backups;

/// <summary>Copies a running cluster into a folder: records, tensor files, and last the manifest, without which it is no backup.</summary>
internal static class BackupWriter
{
    internal const string RecordsName = "records";
    internal const string ManifestName = "backup.json";
    internal const string FilesFolder = "tensors";

    /// <summary>The parts that a message brings.</summary>
    private const int PartsAtATime = 4;

    /// <exception cref="InvalidInputException">The folder is not empty, or cannot be written.</exception>
    public static async Task<BackupSummary> WriteAsync(
        IGrainFactory grains, string folder, IProgress<BackupSummary>? progress, CancellationToken cancellationToken)
    {
        string root = Path.GetFullPath(folder);
        Prepare(root, folder);
        long records = 0, files = 0, bytes = 0;
        var gone = new List<string>();
        string recordsPath = Path.Combine(root, RecordsName);
        FileStream? file = null;
        try
        {
            await using (FileStream recordsFile = File.Create(recordsPath))
            {
                using var content = new MemoryStream();
                await foreach (BackupPart part in grains.GetGrain<IBackupGrain>(0).ReadAsync(cancellationToken).WithBatchSize(PartsAtATime).WithCancellation(cancellationToken))
                {
                    bytes += part.Content.Data.Length;
                    switch (part.Kind)
                    {
                        case BackupPartKind.Gone:
                            gone.Add(part.Name);
                            break;
                        case BackupPartKind.Record:
                            content.Write(part.Content.Data.Span);
                            if (part.IsLast)
                            {
                                await RecordsFile.WriteAsync(recordsFile, part.Name, content.GetBuffer().AsMemory(0, (int)content.Length), cancellationToken);
                                content.SetLength(0);
                                records++;
                            }

                            break;
                        default:
                            file ??= Create(root, part.Name);
                            await file.WriteAsync(part.Content.Data, cancellationToken);
                            if (part.IsLast)
                            {
                                file.Flush(flushToDisk: true);
                                await file.DisposeAsync();
                                file = null;
                                files++;
                            }

                            break;
                    }

                    progress?.Report(new BackupSummary(records, files, bytes));
                }

                recordsFile.Flush(flushToDisk: true);
            }

            var manifest = new BackupManifest(
                BackupManifest.CurrentFormat, BuildDescription.Current.Version, DateTimeOffset.UtcNow, records, await HashAsync(recordsPath, cancellationToken), gone, files, bytes);
            await File.WriteAllTextAsync(Path.Combine(root, ManifestName), JsonSerializer.Serialize(manifest), cancellationToken);
            return new BackupSummary(records - gone.Count, files, bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"the backup cannot be written to '{folder}' ({error.Message.TrimEnd('.')}); free some space or name another folder.", isRetryable: false);
        }
        finally
        {
            if (file is not null)
            {
                await file.DisposeAsync();
            }
        }
    }

    internal static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }

    private static void Prepare(string root, string folder)
    {
        try
        {
            Directory.CreateDirectory(root);
            if (Directory.EnumerateFileSystemEntries(root).Any())
            {
                throw new InvalidInputException("folder", $"'{folder}' is not empty", "name a new one");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException("folder", $"'{folder}' cannot be written ({error.Message.TrimEnd('.')})", "name another one");
        }
    }

    private static FileStream Create(string root, string name)
    {
        string path = Path.GetFullPath(Path.Combine(root, FilesFolder, name));
        if (!path.StartsWith(Path.Combine(root, FilesFolder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new InvalidInputException("file", $"'{name}' is no path of the tensor store", "ask the cluster's operator what it runs");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return File.Create(path);
    }
}
