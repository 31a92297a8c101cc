using System.Text;

namespace AdaptCluster.Formats;

/// <summary>Names from files as they appear in messages: quoted, on one line, of bounded length.</summary>
internal static class Quote
{
    private const int MaxLength = 60;

    /// <summary>The name in single quotes; what is not printable escaped, cut after 60 characters.</summary>
    public static string One(string name)
    {
        var text = new StringBuilder("'");
        foreach (char c in name.AsSpan(0, Math.Min(name.Length, MaxLength)))
        {
            _ = char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' ? text.Append($"\\u{(int)c:x4}") : text.Append(c);
        }

        return text.Append(name.Length <= MaxLength ? "'" : "...'").ToString();
    }
}
