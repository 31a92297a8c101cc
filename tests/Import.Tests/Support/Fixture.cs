using System.Runtime.CompilerServices;
using System.Text.Json;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Import.Tests.Support;

/// <summary>A network that PyTorch wrote, and what PyTorch says about it.</summary>
internal sealed class Fixture
{
    public static readonly string[] Names = ["mlp", "tabular", "resnet", "transformer", "attention", "attention-named", "conv1d", "shared"];

    private readonly Dictionary<string, NamedTensor> _expected;

    public Fixture(string name)
    {
        Name = name;
        Bytes = Read($"{name}.onnx");
        string described = name == "attention-named" ? "attention" : name;
        _expected = SafetensorsFile.Parse(Read($"{described}.expected.safetensors"), described).Tensors.ToDictionary(t => t.Name);
        using var document = JsonDocument.Parse(Read($"{name}.parameters.json"));
        Parameters = document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetProperty("parameter").GetString()!);
    }

    public string Name { get; }

    public byte[] Bytes { get; }

    /// <summary>PyTorch's name of each tensor.</summary>
    public Dictionary<string, string> Parameters { get; }

    public RowMatrix Matrix(string name)
    {
        NamedTensor tensor = _expected[name];
        return new RowMatrix(tensor.Shape[0], tensor.Count / tensor.Shape[0], Doubles(name));
    }

    public double[] Doubles(string name) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(_expected[name].Data.Span).ToArray();

    public static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(Folder(), file));

    private static string Folder([CallerFilePath] string here = "")
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string models = Path.Combine(folder.FullName, "tests", "fixtures", "models");
            if (Directory.Exists(models))
            {
                return models;
            }
        }

        return Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "fixtures", "models");
    }
}
