using System.Text;
using AdaptCluster.Cli.Tables;

namespace AdaptCluster.Cli.Schemas;

/// <summary>Reads a file whole, or says why not.</summary>
internal static class InputFile
{
    /// <exception cref="TableException">It is missing, empty, too large or cannot be read.</exception>
    public static async Task<byte[]> ReadAsync(string path, long most, CancellationToken cancellationToken)
    {
        RequireFile(path);
        try
        {
            long length = new FileInfo(path).Length;
            if (length == 0 || length > most)
            {
                throw new TableException(
                    path, length == 0 ? "the file is empty" : $"the file has {length:N0} bytes", $"give a file of at most {most:N0} bytes");
            }

            return await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw NotRead(path, failed);
        }
    }

    /// <summary>Opens a file to be read once.</summary>
    /// <exception cref="TableException">It is missing or cannot be read.</exception>
    public static FileStream Open(string path)
    {
        RequireFile(path);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw NotRead(path, failed);
        }
    }

    /// <summary>Reads text in UTF-8.</summary>
    /// <exception cref="TableException">As <see cref="ReadAsync"/>, or it is no such text.</exception>
    public static async Task<string> ReadTextAsync(string path, long most, CancellationToken cancellationToken)
    {
        byte[] bytes = await ReadAsync(path, most, cancellationToken);
        try
        {
            ReadOnlySpan<byte> text = bytes;
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text.StartsWith(Encoding.UTF8.Preamble) ? text[3..] : text);
        }
        catch (DecoderFallbackException error)
        {
            throw new TableException(path, "this is not UTF-8 text", "save it in UTF-8", cause: error);
        }
    }

    private static void RequireFile(string path)
    {
        if (Directory.Exists(path))
        {
            throw new TableException(path, "this is a directory", "name a file");
        }

        if (!File.Exists(path))
        {
            throw new TableException(path, "there is no such file", "check the path");
        }
    }

    private static TableException NotRead(string path, Exception failed) => new(
        path, $"the file could not be read ({failed.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ')})", "check its permissions and its disk", cause: failed);
}
