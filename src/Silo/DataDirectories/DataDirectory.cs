using System.Text.Json;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Silo.DataDirectories;

/// <summary>
/// A folder with everything that lasts: the store, the tensors, and who serves it. Opening it takes a lock that ends
/// with the process, however that ends.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private const int LayoutVersion = 1;
    private const string LayoutFile = "layout.json";
    private const string OwnerFile = "owner.json";
    private const string LockFile = "lock";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream @lock)
    {
        Root = path;
        _lock = @lock;
    }

    /// <summary>The folder, absolute.</summary>
    public string Root { get; }

    internal string StorePath => Path.Combine(Root, "store");

    internal string WatermarkPath => Path.Combine(Root, "store.mark");

    internal string DigestPath => Path.Combine(Root, "store.sums");

    internal string TensorPath => Path.Combine(Root, "tensors");

    /// <summary>Opens or creates a data directory, unless another process serves it.</summary>
    /// <returns>The directory, or null if another process holds it.</returns>
    /// <exception cref="InvalidInputException">It cannot be created or written.</exception>
    /// <exception cref="StoreException">It is damaged, or was written by a newer version.</exception>
    public static DataDirectory? TryOpen(string path, SiloRole role)
    {
        string root = Path.GetFullPath(path);
        bool isNew = !File.Exists(Path.Combine(root, LockFile));
        FileStream? held = TryLock(root);
        if (held is null)
        {
            return null;
        }

        var directory = new DataDirectory(root, held);
        try
        {
            DiskSpace.Require(root, DiskSpace.AtStart);
            directory.CheckLayout();
            directory.Publish(new DirectoryOwner(Environment.ProcessId, role, null));
            return directory;
        }
        catch
        {
            if (isNew)
            {
                // Not a data directory, or not yet: it stays as it was found.
                File.Delete(Path.Combine(root, LockFile));
            }

            held.Dispose();
            throw;
        }
    }

    /// <summary>Who serves a directory, as far as that process has said.</summary>
    public static DirectoryOwner? ReadOwner(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<DirectoryOwner>(File.ReadAllText(Path.Combine(Path.GetFullPath(path), OwnerFile)), s_json);
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Says who serves the directory.</summary>
    public void Publish(DirectoryOwner owner) => WriteAtomically(Path.Combine(Root, OwnerFile), JsonSerializer.Serialize(owner, s_json));

    /// <summary>Lets others open it.</summary>
    public void Dispose()
    {
        File.Delete(Path.Combine(Root, OwnerFile));
        _lock.Dispose();
    }

    /// <param name="path">The file.</param>
    /// <param name="content">What is in it afterwards.</param>
    /// <param name="suffix">Of the temporary file; one of its own where several processes write.</param>
    internal static void WriteAtomically(string path, string content, string suffix = ".new")
    {
        string temporary = path + suffix;
        File.WriteAllText(temporary, content);
        File.Move(temporary, path, overwrite: true);
    }

    private static FileStream? TryLock(string root)
    {
        string path = Path.Combine(root, LockFile);
        try
        {
            Directory.CreateDirectory(root);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException)
        {
            throw new InvalidInputException("--data-dir", $"'{root}' cannot be written", "name a folder that this user may write");
        }
        catch (IOException error) when (File.Exists(root))
        {
            throw new InvalidInputException("--data-dir", $"'{root}' is a file ({error.Message})", "name a folder");
        }
        catch (IOException error) when (IsHeldByAnother(error))
        {
            return null;
        }
        catch (IOException error)
        {
            throw new InvalidInputException("--data-dir", $"'{root}' cannot be used ({error.Message})", "name a folder that can be written");
        }
    }

    /// <summary>The system's word for it, so that a full disk or a broken one is not taken for a lock, nor a lock for those.</summary>
    private static bool IsHeldByAnother(IOException error)
    {
        const int sharingViolation = 32, wouldBlockLinux = 11, wouldBlockBsd = 35;
        return OperatingSystem.IsWindows()
            ? (error.HResult & 0xFFFF) == sharingViolation
            : error.HResult == (OperatingSystem.IsLinux() ? wouldBlockLinux : wouldBlockBsd);
    }

    private void CheckLayout()
    {
        string path = Path.Combine(Root, LayoutFile);
        if (!File.Exists(path))
        {
            if (Directory.Exists(StorePath) || File.Exists(WatermarkPath))
            {
                throw new StoreException(
                    $"data directory '{Root}' is damaged: it has a store but no {LayoutFile}; restore it from a backup, or name another folder.",
                    isRetryable: false);
            }

            if (Directory.EnumerateFileSystemEntries(Root).Any(entry => Path.GetFileName(entry) is not (LockFile or OwnerFile)))
            {
                throw new InvalidInputException(
                    "--data-dir", $"'{Root}' holds other things than a data directory", "name a new or an empty folder");
            }

            WriteAtomically(path, JsonSerializer.Serialize(new Layout(LayoutVersion), s_json));
            return;
        }

        int version = ReadLayout(path);
        if (version != LayoutVersion)
        {
            throw new StoreException(
                $"data directory '{Root}' has layout {version}, this version reads {LayoutVersion}; use the version that wrote it.",
                isRetryable: false);
        }
    }

    private int ReadLayout(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Layout>(File.ReadAllText(path), s_json)?.Version ?? 0;
        }
        catch (JsonException)
        {
            throw new StoreException(
                $"data directory '{Root}' is damaged: {LayoutFile} is not readable; restore it from a backup, or name another folder.",
                isRetryable: false);
        }
    }

    private sealed record Layout(int Version);
}
