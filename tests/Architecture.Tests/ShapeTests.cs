using System.Reflection;

namespace AdaptCluster.Architecture.Tests;

/// <summary>How types and files are made.</summary>
public sealed class ShapeTests
{
    public static TheoryData<string> Projects => new(Sources.Projects);

    [Theory]
    [MemberData(nameof(Projects))]
    public void Classes_All_SealedAbstractOrStatic(string project) => Assert.Empty(
        Code.TypesOf(project).Where(type => type.IsClass && !type.IsSealed && !type.IsAbstract && type.Name != "Program").Select(type => type.FullName));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Files_All_NamespaceIsTheFolder(string project)
    {
        foreach (string file in Sources.FilesOf(project).Where(file => Path.GetFileName(file) != "Program.cs"))
        {
            string[] folders = Path.GetDirectoryName(file)!.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
            string expected = string.Join('.', ["AdaptCluster", project, .. folders]);
            Assert.Contains($"\nnamespace {expected};", "\n" + Sources.Read(project, file), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Files_All_FitAFewScreens(string project) => Assert.DoesNotContain(
        Sources.FilesOf(project), file => Sources.Read(project, file).AsSpan().Count('\n') > 330);

    [Theory]
    [MemberData(nameof(Projects))]
    public void Fields_All_NoMutableStatics(string project) => Assert.Empty(
        Code.TypesOf(project)
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(field => field is { IsInitOnly: false, IsLiteral: false } && !field.Name.Contains('<', StringComparison.Ordinal))
            .Select(field => $"{field.DeclaringType}.{field.Name}"));

    [Fact]
    public void Folders_OfGrainsAndTheirTests_CarryTheSameFeatureNames()
    {
        string[] features = [.. FoldersOf("src", "Grains"), .. FoldersOf("src", "Grains.Interfaces")];

        Assert.Empty(FoldersOf("tests", "Grains.Tests").Except([.. features, "Support"]));
        Assert.Empty(FoldersOf("tests", "Silo.Tests").Except([.. FoldersOf("src", "Silo"), "Support"]));
    }

    private static IEnumerable<string> FoldersOf(string tree, string project) =>
        Directory.EnumerateDirectories(Path.Combine(Sources.Root, tree, project)).Select(Path.GetFileName).Except(["bin", "obj"])!;
}
