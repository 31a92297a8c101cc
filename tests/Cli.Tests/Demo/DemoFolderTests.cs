using AdaptCluster.Cli.Demo;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Cli.Tests.Demo;

public sealed class DemoFolderTests
{
    [Theory]
    [InlineData("report.json")]
    [InlineData("airports.png")]
    public void Prepare_FileOfOtherOrigin_IsRefusedAndKept(string name)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write(name, "mine");
        var error = Assert.Throws<InvalidInputException>(() => DemoFolder.Prepare(folder.Path, "report.json", "sinusoids.png", "airports.png"));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(file));
    }

    [Fact]
    public void Prepare_DataDirectoryOfOtherOrigin_IsRefusedAndKept()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File(".adapt"));
        string file = folder.Write(Path.Combine(".adapt", "layout.json"), """{"version":1}""");
        Assert.Throws<InvalidInputException>(() => DemoFolder.Prepare(folder.Path, "report.json", "sinusoids.png", "airports.png"));
        Assert.True(File.Exists(file));
    }

    [Fact]
    public void Prepare_AfterADemo_RemovesItsDataAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        DemoFolder first = DemoFolder.Prepare(folder.Path, "report.json", "sinusoids.png", "airports.png");
        Directory.CreateDirectory(first.Data);
        folder.Write(Path.Combine(".adapt", "layout.json"), """{"version":1}""");
        first.Claim();
        string other = folder.Write("notes.txt", "mine");
        folder.Write("report.json", "{}");

        DemoFolder second = DemoFolder.Prepare(folder.Path, "report.json", "sinusoids.png", "airports.png");

        Assert.Empty(Directory.GetFileSystemEntries(second.Data));
        Assert.Equal("mine", File.ReadAllText(other));
    }
}
