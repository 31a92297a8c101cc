namespace AdaptCluster.Cli.Tables;

/// <summary>
/// Writes a file beside its place and moves it there when it is complete: a reader sees the old file or the new one,
/// never half of one, also when the process dies or the disk is full.
/// </summary>
internal static class ReplacedFile
{
    /// <summary>Checks what can be known before writing.</summary>
    /// <exception cref="TableException">The folder does not exist, or the path is a directory.</exception>
    public static void CheckPath(string path)
    {
        if (Directory.Exists(path))
        {
            throw new TableException(path, "this is a directory", "name a file to write");
        }

        string folder = Folder(path);
        if (!Directory.Exists(folder))
        {
            throw new TableException(path, $"there is no folder {Quote.One(folder)}", "create it or write elsewhere");
        }
    }

    /// <summary>Checks, by writing an empty file beside it, that a file can be put there.</summary>
    /// <exception cref="TableException">The path cannot be used, or its folder not be written.</exception>
    public static void CheckWritable(string path)
    {
        CheckPath(path);
        try
        {
            using var probe = new FileStream(
                Temporary(path), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(path, failed);
        }
    }

    /// <summary>Lets <paramref name="write"/> fill a new file, then puts it in the place of <paramref name="path"/>.</summary>
    /// <exception cref="TableException">The file could not be written; what was at the path is untouched.</exception>
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        CheckPath(path);
        string temporary = Temporary(path);
        try
        {
            await using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                await write(stream);
                await stream.FlushAsync();
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(path, failed);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static TableException NotWritten(string path, Exception failed)
    {
        string reason = failed.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
        return new TableException(
            path, $"the file could not be written ({reason})", "free some space, check the permissions, or write elsewhere", cause: failed);
    }

    private static string Temporary(string path) => Path.Combine(Folder(path), $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");

    private static string Folder(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? Path.GetFullPath(path);
}
