using AdaptCluster.Formats;

namespace AdaptCluster.Import.Onnx;

/// <summary>Finds the files in which an ONNX file keeps large tensors: within one folder, and nowhere else.</summary>
public static class ExternalData
{
    /// <summary>The most bytes that are read from one file when nothing else is said: 2 GiB less one page, what an array holds.</summary>
    public const long LargestFile = 0x7fff_0000;

    /// <summary>A resolver for <see cref="OnnxImporter.Import"/> that reads files in a folder, each once.</summary>
    /// <param name="folder">The folder of the ONNX file.</param>
    /// <param name="file">The ONNX file, as errors name it.</param>
    /// <param name="largest">The most bytes that one file may have.</param>
    /// <returns>Gives a file's bytes for the location that the ONNX file names; not for several threads.</returns>
    public static Func<string, ReadOnlyMemory<byte>> InFolder(string folder, string file, long largest = LargestFile)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(largest);
        var files = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        return location =>
        {
            if (!files.TryGetValue(location, out ReadOnlyMemory<byte> bytes))
            {
                bytes = Read(folder, location, file, Math.Min(largest, LargestFile));
                files.Add(location, bytes);
            }

            return bytes;
        };
    }

    /// <summary>Throws unless a location is a path below the folder of the ONNX file: relative, of plain names, on every platform.</summary>
    /// <param name="location">As the ONNX file has it.</param>
    /// <param name="file">The ONNX file, as errors name it.</param>
    /// <exception cref="ModelFileException">It leaves the folder, or could.</exception>
    public static void RequireInside(string location, string file)
    {
        ArgumentNullException.ThrowIfNull(location);
        bool isPlain = location.Length is > 0 and <= 1024
            && !location.AsSpan().ContainsAny('\\', ':', '\0')
            && !location.Any(char.IsControl)
            && location.Split('/').All(part => part.Length > 0 && part is not ".." and not "." && part.Trim() == part && !part.EndsWith('.'));
        if (!isPlain)
        {
            throw new ModelFileException(
                file,
                $"external data {Reading.ModelErrors.Quote(location)}",
                "it is not in the folder of the file: absolute paths, '..' and characters that mean something to a system are refused",
                "save the network with its tensors inside, or in a file beside it: onnx.save(model, path, save_as_external_data=False)");
        }
    }

    private static ReadOnlyMemory<byte> Read(string folder, string location, string file, long largest)
    {
        RequireInside(location, file);
        string path = folder;
        foreach (string part in location.Split('/'))
        {
            path = Path.Combine(path, part);
            var entry = new FileInfo(path);
            if (entry.LinkTarget is not null || (int)entry.Attributes != -1 && entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                throw Wrong(file, location, "it is a link, which could lead anywhere", "put the file itself beside the ONNX file");
            }
        }

        try
        {
            var info = new FileInfo(path);
            if (!info.Exists || info.Length > largest)
            {
                throw Wrong(file, location, info.Exists ? $"it has {info.Length} bytes, more than {largest}" : "it is not there", "keep the files that belong together in one folder");
            }

            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Wrong(file, location, "it cannot be read", "look at its permissions", error);
        }
    }

    private static ModelFileException Wrong(string file, string location, string problem, string remedy, Exception? cause = null) =>
        new(file, $"external data {Reading.ModelErrors.Quote(location)}", problem, remedy, cause);
}
