namespace AdaptCluster.Formats.Tests.Support;

/// <summary>Files that PyTorch 1.13 wrote: see <c>Files/write_fixtures.py</c>.</summary>
internal static class Fixtures
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Files");

    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.EnumerateFiles(Folder, "*.pt").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name));
}
