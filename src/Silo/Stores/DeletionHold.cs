namespace AdaptCluster.Silo.Stores;

/// <summary>
/// As long as somebody copies the files of a folder, none goes away: a file that is deleted is renamed, and removed later. Who copies
/// says so by a file that is touched again and again; one that is old belongs to nobody.
/// </summary>
internal sealed class DeletionHold(string root, TimeProvider clock)
{
    /// <summary>What a renamed file, or folder, has in its name.</summary>
    public const string Mark = ".deleted-";

    private static readonly TimeSpan s_life = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_renewal = TimeSpan.FromSeconds(10);

    /// <summary>A deletion that had looked before the hold began has ended by then.</summary>
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(500);

    private readonly string _path = Path.Combine(root, "backup.hold");

    /// <summary>Whether somebody copies.</summary>
    public bool IsHeld => File.Exists(_path) && clock.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(_path) < s_life;

    /// <summary>Holds until the disposal.</summary>
    public async Task<IAsyncDisposable> BeginAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(root);
        await File.WriteAllTextAsync(_path, string.Empty, cancellationToken);
        await Task.Delay(s_settle, clock, cancellationToken);
        return new Renewal(_path, clock);
    }

    /// <summary>Deletes a file or a folder, or renames it while somebody copies.</summary>
    public void Delete(string path)
    {
        bool isFolder = Directory.Exists(path);
        if (IsHeld && (isFolder || File.Exists(path)))
        {
            Directory.Move(path, $"{path}{Mark}{Guid.NewGuid():N}");
        }
        else if (isFolder)
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }

    /// <summary>A path as it was before its file, or a folder of it, was renamed.</summary>
    public static string Original(string path) =>
        string.Join('/', path.Split('/').Select(part => part.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at ? part[..at] : part));

    /// <summary>Removes what was renamed, unless somebody copies.</summary>
    public void Sweep()
    {
        if (!Directory.Exists(root) || IsHeld)
        {
            return;
        }

        foreach (string folder in Directory.EnumerateDirectories(root, $"*{Mark}*", SearchOption.AllDirectories).ToArray())
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        foreach (string file in Directory.EnumerateFiles(root, $"*{Mark}*", SearchOption.AllDirectories).ToArray())
        {
            File.Delete(file);
        }
    }

    private sealed class Renewal : IAsyncDisposable
    {
        private readonly string _path;
        private readonly ITimer _timer;

        public Renewal(string path, TimeProvider clock)
        {
            _path = path;
            _timer = clock.CreateTimer(_ => Touch(), null, s_renewal, s_renewal);
        }

        public async ValueTask DisposeAsync()
        {
            await _timer.DisposeAsync();
            File.Delete(_path);
        }

        private void Touch()
        {
            try
            {
                File.WriteAllText(_path, string.Empty);
            }
            catch (IOException)
            {
                // Touched the next time.
            }
        }
    }
}
