using System.Text;
using System.Text.Unicode;

namespace AdaptCluster.Formats.Zip;

/// <summary>The names of entries: relative paths with forward slashes, no steps upwards, nothing empty.</summary>
internal static class ZipName
{
    /// <summary>Reads and checks a name.</summary>
    /// <exception cref="ModelFileException">It is no such name.</exception>
    public static string Read(ReadOnlySpan<byte> bytes, ModelSource source)
    {
        if (!Utf8.IsValid(bytes))
        {
            throw source.Wrong(null, "the name of an entry is not UTF-8");
        }

        string name = Encoding.UTF8.GetString(bytes);
        bool isWrong = name.Contains('\\', StringComparison.Ordinal) || name.Contains(':', StringComparison.Ordinal);
        foreach (char c in name)
        {
            isWrong |= char.IsControl(c);
        }

        foreach (Range part in name.AsSpan().Split('/'))
        {
            isWrong |= name.AsSpan(part) is "" or "." or "..";
        }

        return isWrong
            ? throw source.Wrong(
                $"entry {Quote.One(name)}", "its name is not a path inside the archive", "do not use the file: no known program writes such names")
            : name;
    }
}
