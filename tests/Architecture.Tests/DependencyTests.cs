using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace AdaptCluster.Architecture.Tests;

/// <summary>Who may know whom.</summary>
public sealed class DependencyTests
{
    /// <summary>The whole graph: a new reference is a decision, made here.</summary>
    public static TheoryData<string, string[]> Allowed => new()
    {
        { "Numerics", [] },
        { "Formats", [] },
        { "Import", ["Formats", "Numerics"] },
        { "Grains.Interfaces", [] },
        { "Grains", ["Formats", "Import", "Numerics", "Grains.Interfaces"] },
        { "Client", ["Grains.Interfaces"] },
        { "Silo", ["Grains"] },
        { "Cli", ["Client", "Silo"] },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void Project_References_ThoseOfTheDesign(string project, string[] references) =>
        Assert.Equal(references.Order(StringComparer.Ordinal), Sources.ReferencesOf(project).Order(StringComparer.Ordinal));

    [Fact]
    public void Projects_OfTheTree_AreAllInTheGraph() =>
        Assert.Equal(Allowed.Select(row => row.Data.Item1).Order(StringComparer.Ordinal), Sources.Projects);

    [Theory]
    [InlineData("Numerics", "Orleans", "Microsoft.AspNetCore", "Microsoft.Extensions", "StackExchange", "Garnet", "AdaptCluster.Grains")]
    [InlineData("Formats", "Orleans", "Microsoft.AspNetCore", "Microsoft.Extensions", "TorchSharp", "MathNet", "StackExchange", "Garnet", "AdaptCluster.Grains", "AdaptCluster.Numerics")]
    [InlineData("Grains.Interfaces", "TorchSharp", "MathNet", "Microsoft.AspNetCore", "StackExchange", "Garnet", "AdaptCluster.Numerics")]
    [InlineData("Client", "TorchSharp", "MathNet", "Orleans.Runtime", "StackExchange", "Garnet", "AdaptCluster.Numerics", "AdaptCluster.Silo")]
    [InlineData("Grains", "Microsoft.AspNetCore", "StackExchange", "Garnet", "Orleans.Persistence", "OpenTelemetry", "MathNet")]
    [InlineData("Silo", "AdaptCluster.Client", "TorchSharp", "MathNet")]
    [InlineData("Import", "TorchSharp", "MathNet", "Orleans", "Microsoft.AspNetCore", "Microsoft.Extensions", "StackExchange", "Garnet", "AdaptCluster.Grains")]
    [InlineData("Cli", "TorchSharp", "MathNet", "StackExchange", "Garnet", "Orleans.Persistence")]
    public void Assembly_Uses_NothingForbidden(string project, params string[] forbidden)
    {
        IEnumerable<string> used = Code.Of(project).GetReferencedAssemblies().Select(assembly => assembly.Name!);

        Assert.DoesNotContain(used, name => forbidden.Any(prefix =>
            name == prefix || name.StartsWith(prefix + ".", StringComparison.Ordinal) || name.StartsWith(prefix + "-", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Formats")]
    [InlineData("Grains.Interfaces")]
    [InlineData("Client")]
    [InlineData("Grains")]
    public void Project_Packages_CarryNoNatives(string project) =>
        Assert.DoesNotContain(Sources.PackagesOf(project), package => package.Contains("torch", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void Grains_TorchTensor_NeverAppears() => Assert.DoesNotContain("torch.Tensor", TorchTypesOf("Grains"));

    [Fact]
    public void Numerics_TorchTensor_IsFoundByTheSameMeans() => Assert.Contains("torch.Tensor", TorchTypesOf("Numerics"));

    [Fact]
    public void Grains_Torch_OnlyInTheDevicesFolder() => Assert.All(
        FilesThatName("Grains", "TorchSharp"), file => Assert.StartsWith("Devices" + Path.DirectorySeparatorChar, file));

    [Fact]
    public void Cli_Silo_OnlyWhereOneIsHostedOrServed() => Assert.All(
        FilesThatName("Cli", "using AdaptCluster.Silo"),
        file => Assert.Matches(@"^(Sessions|Commands|Demo)[/\\]", file));

    /// <summary>The types of TorchSharp in an assembly's metadata: signatures and bodies alike.</summary>
    private static HashSet<string> TorchTypesOf(string project)
    {
        using var file = new PEReader(File.OpenRead(Code.Of(project).Location));
        MetadataReader metadata = file.GetMetadataReader();
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (TypeReferenceHandle handle in metadata.TypeReferences)
        {
            TypeReference type = metadata.GetTypeReference(handle);
            string name = metadata.GetString(type.Name);
            if (type.ResolutionScope.Kind == HandleKind.TypeReference)
            {
                TypeReference outer = metadata.GetTypeReference((TypeReferenceHandle)type.ResolutionScope);
                if (metadata.GetString(outer.Namespace) == "TorchSharp")
                {
                    found.Add($"{metadata.GetString(outer.Name)}.{name}");
                }
            }
            else if (metadata.GetString(type.Namespace) == "TorchSharp")
            {
                found.Add(name);
            }
        }

        return found;
    }

    private static IEnumerable<string> FilesThatName(string project, string text) =>
        Sources.FilesOf(project).Where(file => Sources.Read(project, file).Contains(text, StringComparison.Ordinal));
}
