using AdaptCluster.Formats;

namespace AdaptCluster.Import.Onnx.Reading;

/// <summary>Makes the errors of one file.</summary>
internal sealed class ModelErrors(string file)
{
    internal const string ExportAgain = "export the network again";

    private const int LongestName = 80;

    internal string File => file;

    internal ModelFileException Of(string? where, string problem, string remedy = ExportAgain, Exception? cause = null) =>
        new(file, where, problem, remedy, cause);

    /// <summary>A name from a file, in quotes, on one line and of bounded length.</summary>
    internal static string Quote(string name)
    {
        string shown = name.Length > LongestName ? name[..LongestName] + "..." : name;
        return $"'{string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' ? $"\\u{(int)c:x4}" : c.ToString()))}'";
    }
}
