using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace AdaptCluster.Architecture.Tests;

/// <summary>The source tree that these tests were built from.</summary>
internal static class Sources
{
    public static string Root { get; } = FindRoot();

    /// <summary>The projects of src, by name.</summary>
    public static IReadOnlyList<string> Projects { get; } =
        [.. Directory.EnumerateDirectories(Path.Combine(Root, "src")).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    /// <summary>The source files of a project, relative to it.</summary>
    public static IEnumerable<string> FilesOf(string project)
    {
        string folder = Path.Combine(Root, "src", project);
        return Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file))
            .Where(file => !file.StartsWith("obj" + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                && !file.StartsWith("bin" + Path.DirectorySeparatorChar, StringComparison.Ordinal));
    }

    public static string Read(string project, string file) => File.ReadAllText(Path.Combine(Root, "src", project, file));

    /// <summary>The projects that a project references.</summary>
    public static IEnumerable<string> ReferencesOf(string project) =>
        Items(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));

    /// <summary>The packages that a project references itself.</summary>
    public static IEnumerable<string> PackagesOf(string project) => Items(project, "PackageReference");

    private static IEnumerable<string> Items(string project, string item) =>
        XDocument.Load(Path.Combine(Root, "src", project, $"{project}.csproj")).Descendants(item).Select(element => (string)element.Attribute("Include")!);

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        foreach (string start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(thisFile)! })
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "AdaptCluster.sln")))
                {
                    return folder.FullName;
                }
            }
        }

        throw new DirectoryNotFoundException("The tests are not within the repository.");
    }
}
