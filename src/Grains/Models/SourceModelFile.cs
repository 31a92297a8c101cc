using System.Collections.Immutable;
using System.Text.Json;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
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
        var tensors = new Dictionary<string, TensorPayload>(StringComparer.Ordinal);
        ImmutableArray<ParameterBlock> blocks = model.Spec.Blocks;
        for (int block = 0; block < blocks.Length; block++)
        {
            byte[] values = System.Runtime.InteropServices.MemoryMarshal.AsBytes(model.Weights.Block(block)).ToArray();
            tensors.Add(blocks[block].Name, new TensorPayload(TensorElementType.Float32, [.. blocks[block].Shape], values));
        }

        tensors.Add(InputMean, Vector(model.InputStandardisation.Mean));
        tensors.Add(InputScale, Vector(model.InputStandardisation.Scale));
        tensors.Add(OutputMean, Vector(model.OutputStandardisation.Mean));
        tensors.Add(OutputScale, Vector(model.OutputStandardisation.Scale));
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
        SafetensorsFile file = SafetensorsFile.Parse(bytes);
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
        float[] weights = [.. spec.Blocks.SelectMany(block => file.Tensors[block.Name].ToSingles())];
        return new SourceModel(
            new NetworkWeights(spec, weights),
            new Standardisation([.. file.Tensors[InputMean].ToDoubles()], [.. file.Tensors[InputScale].ToDoubles()]),
            new Standardisation([.. file.Tensors[OutputMean].ToDoubles()], [.. file.Tensors[OutputScale].ToDoubles()]));
    }

    private static TensorPayload Vector(ImmutableArray<double> values) => new(
        TensorElementType.Float64, [values.Length], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
