namespace AdaptCluster.Cli.Tables;

/// <summary>
/// A folder of images with a table of them: <c>index.csv</c>, whose column <c>file</c> has paths relative to the folder. The
/// table is read with the images in the place of their paths.
/// </summary>
internal static class ImageFolder
{
    /// <summary>The table's name within the folder.</summary>
    public const string Index = "index.csv";

    /// <summary>The column of paths, and of the images.</summary>
    public const string Column = "file";

    private const string Remedy = "give PNG, JPEG or BMP images, all of one size";

    /// <summary>Reads the images that a table names.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="index">Its table.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="TableException">An image is missing, outside of the folder, damaged, or of another size than the others.</exception>
    public static Table Load(string folder, Table index, CancellationToken cancellationToken)
    {
        string[] files = index.Texts(Column);
        string root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        var pixels = new byte[files.Length][];
        bool grey = true;
        (int Width, int Height) size = default;
        for (int row = 0; row < files.Length; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (pixels[row], int width, int height, bool isGrey) = Read(Find(root, files[row], index, row), index, row);
            if (row == 0)
            {
                size = (width, height);
                RequireRoom(index, pixels[0].Length);
            }
            else if (size != (width, height))
            {
                throw Wrong(index, row, $"the image has {width} x {height} pixels where those before have {size.Width} x {size.Height}");
            }

            grey &= isGrey;
        }

        return index.With(new ImageColumn(Column, pixels, grey ? 1 : ImageColumn.AllChannels, grey, [.. Enumerable.Range(0, files.Length)]));
    }

    private static string Find(string root, string file, Table index, int row)
    {
        string path = file.Contains('\0') ? root : Path.GetFullPath(Path.Combine(root, file));
        if (Path.IsPathRooted(file) || !path.StartsWith(root, StringComparison.Ordinal) || path.Length == root.Length)
        {
            throw new TableException(
                index.Source, $"{Quote.One(file)} is not within the folder", "give paths relative to the folder that do not leave it", index.Place(row), Column);
        }

        if (!File.Exists(path))
        {
            throw new TableException(index.Source, $"there is no file {Quote.One(file)}", "check the path", index.Place(row), Column);
        }

        if (File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target && !target.FullName.StartsWith(root, StringComparison.Ordinal))
        {
            throw new TableException(
                index.Source, $"{Quote.One(file)} is a link that leaves the folder", "put the image into the folder", index.Place(row), Column);
        }

        return path;
    }

    private static (byte[] Planes, int Width, int Height, bool IsGrey) Read(string path, Table index, int row)
    {
        try
        {
            return ImageFile.Read(path);
        }
        catch (InvalidDataException wrong)
        {
            throw Wrong(index, row, wrong.Message);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new TableException(
                index.Source, $"the image could not be read ({failed.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ')})", "check the file", index.Place(row), Column, failed);
        }
    }

    private static void RequireRoom(Table index, int length)
    {
        if ((long)index.RowCount * length > Array.MaxLength)
        {
            throw new TableException(
                index.Source, $"{index.RowCount} images of {length / ImageColumn.AllChannels} pixels are too many to be held in memory", "give fewer or smaller images");
        }
    }

    private static TableException Wrong(Table index, int row, string problem) =>
        new(index.Source, problem, Remedy, index.Place(row), Column);
}
