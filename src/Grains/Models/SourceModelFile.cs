using System.Collections.Immutable;
using System.Text.Json;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Models;

/// <summary>A source model as a safetensors file: one tensor per block, the standardisations, the architecture as metadata.</summary>
internal static class SourceModelFile
{
    private const string Format = "adapt.source.v2";
    private const string ChainFormat = "adapt.source.v1"; // of dense layers only
    private const string InputMean = "standardisation.input.mean";
    private const string InputScale = "standardisation.input.scale";
    private const string OutputMean = "standardisation.output.mean";
    private const string OutputScale = "standardisation.output.scale";

    public static byte[] ToBytes(SourceModel model)
    {
        var tensors = new Dictionary<string, TensorPayload>(StringComparer.Ordinal);
        Add(tensors, model.Spec.Blocks, model.Weights.Values);
        Add(tensors, model.Spec.Fixed, model.Weights.FixedValues);
        tensors.Add(InputMean, Vector(model.InputStandardisation.Mean));
        tensors.Add(InputScale, Vector(model.InputStandardisation.Scale));
        tensors.Add(OutputMean, Vector(model.OutputStandardisation.Mean));
        tensors.Add(OutputScale, Vector(model.OutputStandardisation.Scale));
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["network"] = NetworkSpecFile.ToJson(model.Spec),
        };
        return new SafetensorsFile(tensors, metadata).ToBytes();
    }

    /// <exception cref="InvalidDataException">The bytes are not such a file.</exception>
    public static SourceModel Parse(byte[] bytes)
    {
        SafetensorsFile file = SafetensorsFile.Parse(bytes);
        if (file.Metadata.GetValueOrDefault("format") is not (Format or ChainFormat))
        {
            throw new InvalidDataException($"its format is '{file.Metadata.GetValueOrDefault("format")}', not '{Format}'");
        }

        try
        {
            return Read(file);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or FormatException or ArgumentException or AdaptException or NumericsException)
        {
            throw new InvalidDataException($"it is not a source model: {error.Message}", error);
        }
    }

    private static SourceModel Read(SafetensorsFile file)
    {
        NetworkSpec spec = file.Metadata["format"] == Format ? NetworkSpecFile.Parse(file.Metadata["network"]) : ReadChain(file);
        return new SourceModel(
            NetworkWeights.FromTensors(spec, name => file.Tensors[name].ToSingles()),
            new Standardisation([.. file.Tensors[InputMean].ToDoubles()], [.. file.Tensors[InputScale].ToDoubles()]),
            new Standardisation([.. file.Tensors[OutputMean].ToDoubles()], [.. file.Tensors[OutputScale].ToDoubles()]));
    }

    private static NetworkSpec ReadChain(SafetensorsFile file) => NetworkMapping.ToSpec(new NetworkDescription(
        int.Parse(file.Metadata["inputs"]), [.. JsonSerializer.Deserialize<LayerDescription[]>(file.Metadata["layers"]) ?? []]));

    private static void Add(Dictionary<string, TensorPayload> tensors, ImmutableArray<ParameterBlock> blocks, float[] values)
    {
        foreach (ParameterBlock block in blocks)
        {
            ReadOnlySpan<float> part = values.AsSpan(block.Offset, block.Count);
            tensors.Add(
                block.Name,
                new TensorPayload(TensorElementType.Float32, [.. block.Shape], System.Runtime.InteropServices.MemoryMarshal.AsBytes(part).ToArray()));
        }
    }

    private static TensorPayload Vector(ImmutableArray<double> values) => new(
        TensorElementType.Float64, [values.Length], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
