using System.Globalization;
using System.Text;

namespace AdaptCluster.Cli.Tables;

/// <summary>Cell values and names as they appear in messages: quoted, on one line, of bounded length.</summary>
internal static class Quote
{
    private const int MaxLength = 60;

    /// <summary>The value in single quotes; control characters escaped, cut after 60 characters.</summary>
    public static string One(string value)
    {
        var text = new StringBuilder("'");
        foreach (char c in value.Length <= MaxLength ? value : value[..MaxLength])
        {
            _ = c switch
            {
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                _ when char.IsControl(c) => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        return text.Append(value.Length <= MaxLength ? "'" : "...'").ToString();
    }

    /// <summary>The first <paramref name="most"/> values quoted and separated by commas, and how many more there are.</summary>
    public static string Some(IReadOnlyCollection<string> values, int most)
    {
        string shown = string.Join(", ", values.Take(most).Select(One));
        return values.Count <= most ? shown : $"{shown} and {values.Count - most} more";
    }
}
