using System.Text.RegularExpressions;
using AdaptCluster.Grains.Backups;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.DataDirectories;

namespace AdaptCluster.Silo.Stores;

/// <summary>The tensor files of a folder. Uploads are not among them: they are gone after a day anyway.</summary>
internal sealed partial class DirectoryTensorArchive(string root, DeletionHold hold, DiskSpace disk) : ITensorArchive
{
    private const string Staging = "staging/";
    private const string Begun = ".restored-";

    public Task<IAsyncDisposable> HoldAsync(CancellationToken cancellationToken) => hold.BeginAsync(cancellationToken);

    public IEnumerable<(string Path, string Name)> List()
    {
        if (!Directory.Exists(root))
        {
            yield break;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(root, "*.safetensors*", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(root, file).Replace(Path.DirectorySeparatorChar, '/');
            string original = DeletionHold.Original(path);
            if (!path.StartsWith(Staging, StringComparison.Ordinal) && IsPath().IsMatch(original) && seen.Add(original))
            {
                yield return (path, original);
            }
        }
    }

    public async Task<byte[]> ReadAsync(string path, long offset, int bytes, CancellationToken cancellationToken)
    {
        try
        {
            await using FileStream file = File.OpenRead(Path.Combine(root, path));
            file.Position = offset;
            byte[] content = new byte[Math.Clamp(file.Length - offset, 0, bytes)];
            await file.ReadExactlyAsync(content, cancellationToken);
            return content;
        }
        catch (IOException error)
        {
            throw new StoreException($"'{path}' cannot be read ({error.Message}); check the disk.", isRetryable: true);
        }
    }

    public async Task WriteAsync(string path, long offset, ReadOnlyMemory<byte> content, bool isLast, CancellationToken cancellationToken)
    {
        if (!IsPath().IsMatch(path))
        {
            throw new InvalidInputException("file", $"'{path}' is no path of the tensor store", "restore what 'adapt backup' wrote");
        }

        disk.RequireRoomFor(content.Length);
        string final = Path.Combine(root, path), folder = Path.GetDirectoryName(final)!;
        string temporary = Path.Combine(folder, Begun + Path.GetFileName(final));
        try
        {
            Directory.CreateDirectory(folder);
            await using (var file = new FileStream(temporary, offset == 0 ? FileMode.Create : FileMode.OpenOrCreate, FileAccess.Write))
            {
                file.Position = offset;
                await file.WriteAsync(content, cancellationToken);
                file.Flush(flushToDisk: isLast);
            }

            if (isLast)
            {
                File.Move(temporary, final, overwrite: true);
                FolderFlush.ToDisk(folder);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"'{path}' cannot be written ({error.Message}); free some space or check the disk.", isRetryable: true);
        }
    }

    [GeneratedRegex(@"^([a-z0-9-]+/)+[0-9a-f]{64}\.safetensors$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IsPath();
}
