using System.Runtime.CompilerServices;
using AdaptCluster.Client.Data;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;

namespace AdaptCluster.Grains.Tests.Support;

/// <summary>Networks as PyTorch wrote them, and what PyTorch says about them: tests/fixtures.</summary>
internal static class ModelFiles
{
    /// <summary>The network <c>mlp</c> as a description whose parameters have PyTorch's names.</summary>
    public const string MlpSpec =
        """
        {"inputs":[{"name":"x","shape":[5]}],"output":"4","nodes":[
          {"op":"linear","name":"0","inputs":["x"],"outputs":16},
          {"op":"activation","name":"1","inputs":["0"],"function":"Tanh"},
          {"op":"linear","name":"2","inputs":["1"],"outputs":8},
          {"op":"activation","name":"3","inputs":["2"],"function":"GELU"},
          {"op":"linear","name":"4","inputs":["3"],"outputs":2}]}
        """;

    private static readonly string s_folder = Find();

    public static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(s_folder, file));

    /// <summary>The rows of a network's fixture, and PyTorch's outputs for them.</summary>
    public static LabelledRows Expected(string network)
    {
        SafetensorsFile file = SafetensorsFile.Parse(Read($"{network}.expected.safetensors"), network);
        return new LabelledRows(Rows("inputs"), Rows("outputs"));

        Rows Rows(string name)
        {
            NamedTensor tensor = file.Tensors.Single(tensor => tensor.Name == name);
            return new Rows(tensor.Shape[0], tensor.Shape[1], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(tensor.Data.Span).ToArray());
        }
    }

    private static string Find([CallerFilePath] string thisFile = "") =>
        Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "fixtures", "models") is var beside && Directory.Exists(beside)
            ? beside
            : Ancestors().Select(folder => Path.Combine(folder, "tests", "fixtures", "models")).First(Directory.Exists);

    private static IEnumerable<string> Ancestors()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return folder.FullName;
        }
    }
}
