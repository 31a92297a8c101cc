using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Models;

/// <summary>A source model as a safetensors file: one tensor per block, the standardisations, the architecture as metadata.</summary>
internal static class SourceModelFile
{
    private const string Format = "adapt.source.v1";
    private const string InputMean = "standardisation.input.mean";
    private const string InputScale = "standardisation.input.scale";
    private const string OutputMean = "standardisation.output.mean";
    private const string OutputScale = "standardisation.output.scale";

    public static byte[] ToBytes(SourceModel model)
    {
        var tensors = new List<NamedTensor>();
        ImmutableArray<ParameterBlock> blocks = model.Spec.Blocks;
        for (int block = 0; block < blocks.Length; block++)
        {
            byte[] values = MemoryMarshal.AsBytes(model.Weights.Block(block)).ToArray();
            tensors.Add(new NamedTensor(blocks[block].Name, ElementType.Float32, [.. blocks[block].Shape], values));
        }

        tensors.Add(Vector(InputMean, model.InputStandardisation.Mean));
        tensors.Add(Vector(InputScale, model.InputStandardisation.Scale));
        tensors.Add(Vector(OutputMean, model.OutputStandardisation.Mean));
        tensors.Add(Vector(OutputScale, model.OutputStandardisation.Scale));
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["inputs"] = model.Spec.Inputs.ToString(),
            ["layers"] = JsonSerializer.Serialize(NetworkMapping.ToDescription(model.Spec).Layers.ToArray()),
        };
        return new SafetensorsFile(tensors, metadata).ToBytes();
    }

    /// <exception cref="InvalidDataException">The bytes are not such a file.</exception>
    public static SourceModel Parse(byte[] bytes)
    {
        SafetensorsFile file = TensorFiles.Parse(bytes);
        if (file.Metadata.GetValueOrDefault("format") != Format)
        {
            throw new InvalidDataException($"its format is '{file.Metadata.GetValueOrDefault("format")}', not '{Format}'");
        }

        try
        {
            return Read(file);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or FormatException or ArgumentException or AdaptException)
        {
            throw new InvalidDataException($"it is not a source model: {error.Message}", error);
        }
    }

    private static SourceModel Read(SafetensorsFile file)
    {
        LayerDescription[] layers = JsonSerializer.Deserialize<LayerDescription[]>(file.Metadata["layers"]) ?? [];
        NetworkSpec spec = NetworkMapping.ToSpec(new NetworkDescription(int.Parse(file.Metadata["inputs"]), [.. layers]));
        float[] weights = [.. spec.Blocks.SelectMany(block => TensorFiles.Singles(file, block.Name))];
        return new SourceModel(
            new NetworkWeights(spec, weights),
            new Standardisation([.. TensorFiles.Doubles(file, InputMean)], [.. TensorFiles.Doubles(file, InputScale)]),
            new Standardisation([.. TensorFiles.Doubles(file, OutputMean)], [.. TensorFiles.Doubles(file, OutputScale)]));
    }

    private static NamedTensor Vector(string name, ImmutableArray<double> values) => new(
        name, ElementType.Float64, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
