using System.Runtime.CompilerServices;
using AdaptCluster.Grains.Interfaces.Backups;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tensors;
using Orleans.Concurrency;

namespace AdaptCluster.Grains.Backups;

/// <inheritdoc cref="IBackupGrain"/>
/// <remarks>
/// Indexes of names are read after the records, so that every task that is read is listed, and of each the changes before the list, which
/// may take them up meanwhile; what was deleted in between is told at the end. Files are read last: as nothing goes away meanwhile, whatever a record names is among them.
/// </remarks>
[StatelessWorker]
internal sealed class BackupGrain(IRecordArchive records, ITensorArchive files) : Grain, IBackupGrain
{
    public async IAsyncEnumerable<BackupPart> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using IAsyncDisposable held = await files.HoldAsync(cancellationToken);
        var sent = new HashSet<string>(StringComparer.Ordinal);
        foreach (int turn in (int[])[0, 1, 2])
        {
            await foreach (string key in records.ListAsync(cancellationToken))
            {
                if (TurnOf(key) == turn && sent.Add(key) && await records.ReadAsync(key) is { } content)
                {
                    foreach (BackupPart part in Cut(key, content))
                    {
                        yield return part;
                    }
                }
            }
        }

        foreach (string key in sent)
        {
            if (!await records.ExistsAsync(key))
            {
                yield return new BackupPart(BackupPartKind.Gone, key, 0, TensorPayload.FromBytes([]), IsLast: true);
            }
        }

        foreach ((string path, string name) in files.List())
        {
            for (long offset = 0; ;)
            {
                byte[] content = await files.ReadAsync(path, offset, BackupPart.MaxBytes, cancellationToken);
                bool isLast = content.Length < BackupPart.MaxBytes;
                yield return new BackupPart(BackupPartKind.File, name, offset, TensorPayload.FromBytes(content), isLast);
                offset += content.Length;
                if (isLast)
                {
                    break;
                }
            }
        }
    }

    public async Task BeginRestoreAsync(CancellationToken cancellationToken)
    {
        if (await records.IsRestoringAsync())
        {
            return;
        }

        await foreach (string key in records.ListAsync(cancellationToken))
        {
            throw new InvalidInputException("cluster", $"it is not empty (it has '{key}')", "restore into a new data directory, or a new Redis server and folder");
        }

        await records.SetRestoringAsync(true);
    }

    public async Task WriteAsync(BackupPart part, CancellationToken cancellationToken)
    {
        if (!await records.IsRestoringAsync())
        {
            throw new InvalidInputException("cluster", "nothing is being restored", "begin a restore first");
        }

        ReadOnlyMemory<byte> content = part.Content.Data;
        if (part.Kind == BackupPartKind.File)
        {
            await files.WriteAsync(part.Name, part.Offset, content, part.IsLast, cancellationToken);
            return;
        }

        await records.WriteAsync(part.Name, content);
    }

    public async Task EndRestoreAsync(CancellationToken cancellationToken)
    {
        await records.SetRestoringAsync(false);

        // Whoever was asked before knows of nothing; from here on they read.
        await GrainFactory.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero, cancellationToken);
    }

    // A name that merely looks so is read a little later, no more.
    private static int TurnOf(string key) =>
        !key.Contains("index", StringComparison.OrdinalIgnoreCase) ? 0 : key.EndsWith("-changes", StringComparison.Ordinal) ? 1 : 2;

    private static IEnumerable<BackupPart> Cut(string key, byte[] content)
    {
        for (int offset = 0; offset == 0 || offset < content.Length; offset += BackupPart.MaxBytes)
        {
            int length = Math.Min(BackupPart.MaxBytes, content.Length - offset);
            yield return new BackupPart(
                BackupPartKind.Record, key, offset, TensorPayload.FromBytes(content[offset..(offset + length)]), offset + length == content.Length);
        }
    }
}
