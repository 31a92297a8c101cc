using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using AdaptCluster.Cli.Schemas;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Cli.Tests.Documents;

/// <summary>What the documents show is what the program reads.</summary>
public sealed partial class DocumentTests
{
    private static readonly string s_root = FindRoot();

    private static readonly (string File, string Kind, string Text)[] s_examples =
    [
        .. Directory.EnumerateFiles(Path.Combine(s_root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(s_root, "README.md"))
            .SelectMany(file => Fence().Matches(File.ReadAllText(file)).Select(match => (file, match.Groups["kind"].Value.Trim(), match.Groups["text"].Value))),
    ];

    [Fact]
    public void Networks_OfTheDocuments_CanBe()
    {
        (string File, string Kind, string Text)[] networks = [.. s_examples.Where(example => example.Kind == "network")];

        Assert.True(networks.Length >= 2, "the examples were not found");
        Assert.All(networks, example => Assert.True(NetworkSpecFile.Parse(example.Text).ParameterCount > 0));
    }

    [Fact]
    public void Schemas_OfTheDocuments_AreRead()
    {
        (string File, string Kind, string Text)[] schemas = [.. s_examples.Where(example => example.Kind == "schema")];

        Assert.True(schemas.Length >= 2, "the examples were not found");
        Assert.All(schemas, example => Assert.NotEmpty(SchemaFile.Parse(example.Text, example.File).Schema.Columns));
    }

    [Fact]
    public void Json_OfTheDocuments_SaysWhatItIsAndParses() => Assert.All(s_examples, example =>
    {
        Assert.True(example.Kind is "network" or "schema", $"{example.File}: say whether the example is a network or a schema");
        using var _ = JsonDocument.Parse(example.Text);
    });

    [Fact]
    public void SchemaOfTheTabularNetwork_HasItsWidth()
    {
        NetworkSpec network = s_examples.Where(example => example.Kind == "network").Select(example => NetworkSpecFile.Parse(example.Text)).Single(spec => spec.Inputs.Length == 3);
        SchemaFile schema = s_examples.Where(example => example.File.EndsWith("network-spec.md", StringComparison.Ordinal) && example.Kind == "schema")
            .Select(example => SchemaFile.Parse(example.Text, example.File)).Single();

        Assert.Equal(network.InputWidth, schema.Schema.Width);
    }

    [Fact]
    public void ExportInFiveLines_OfTheDocument_IsWhatTheFixtureRuns()
    {
        string script = File.ReadAllText(Path.Combine(s_root, "tests", "fixtures", "export_five_lines.py"));
        string document = File.ReadAllText(Path.Combine(s_root, "docs", "importing.md"));

        string run = script.Split("# five lines: begin\n")[1].Split("# five lines: end")[0];
        Assert.Equal(run, document.Split("<!-- five lines -->\n```python\n")[1].Split("```")[0]);
    }

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

    [GeneratedRegex("^```json(?<kind>[^\n]*)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Fence();
}
