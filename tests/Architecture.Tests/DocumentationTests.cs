using System.Xml.Linq;

namespace AdaptCluster.Architecture.Tests;

/// <summary>What others build on says what it is.</summary>
public sealed class DocumentationTests
{
    [Theory]
    [InlineData("Client")]
    [InlineData("Formats")]
    [InlineData("Numerics")]
    [InlineData("Grains.Interfaces")]
    [InlineData("Import")]
    public void PublicTypes_All_HaveASummary(string project)
    {
        XDocument documentation = XDocument.Load(Path.ChangeExtension(Code.Of(project).Location, ".xml"));
        var summaries = documentation.Descendants("member").ToDictionary(
            member => (string)member.Attribute("name")!, member => member.Element("summary")?.Value ?? string.Empty, StringComparer.Ordinal);

        Assert.Empty(Code.TypesOf(project)
            .Where(type => type.IsVisible && string.IsNullOrWhiteSpace(summaries.GetValueOrDefault($"T:{type.FullName!.Replace('+', '.')}")))
            .Select(type => type.FullName));
    }
}
