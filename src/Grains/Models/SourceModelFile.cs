using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Models;

/// <summary>
/// A source model as a safetensors file: one tensor per block, the standardisations, a program where the network is one, the
/// architecture as metadata.
/// </summary>
internal static class SourceModelFile
{
    private const string Format = "adapt.source.v2";
    private const string ChainFormat = "adapt.source.v1"; // of dense layers only
    private const string InputMean = "standardisation.input.mean";
    private const string InputScale = "standardisation.input.scale";
    private const string OutputMean = "standardisation.output.mean";
    private const string OutputScale = "standardisation.output.scale";
    private const string Program = "torchscript:program"; // no parameter of a program can have this name

    private static readonly ImmutableArray<string> s_own = [InputMean, InputScale, OutputMean, OutputScale, Program, "__metadata__"];

    /// <summary>Whether a parameter cannot be called that, because the file needs the name or cannot carry it.</summary>
    public static bool IsReserved(string parameter) => s_own.Contains(parameter) || parameter.Any(char.IsSurrogate);

    public static byte[] ToBytes(SourceModel model)
    {
        var tensors = new List<NamedTensor>();
        AddWeights(tensors, model.Weights);
        tensors.Add(Vector(InputMean, model.InputStandardisation.Mean));
        tensors.Add(Vector(InputScale, model.InputStandardisation.Scale));
        tensors.Add(Vector(OutputMean, model.OutputStandardisation.Mean));
        tensors.Add(Vector(OutputScale, model.OutputStandardisation.Scale));
        if (model.Weights.Program is { } program)
        {
            tensors.Add(new NamedTensor(Program, ElementType.UInt8, [program.Length], program));
        }

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
        SafetensorsFile file = TensorFiles.Parse(bytes);
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

    /// <summary>Adds all tensors of a network by their names.</summary>
    public static void AddWeights(List<NamedTensor> tensors, NetworkWeights weights)
    {
        Add(tensors, weights.Spec.Blocks, weights.Values);
        Add(tensors, weights.Spec.Fixed, weights.FixedValues);
    }

    private static SourceModel Read(SafetensorsFile file)
    {
        NetworkSpec spec = file.Metadata["format"] == Format ? NetworkSpecFile.Parse(file.Metadata["network"]) : ReadChain(file);
        byte[]? program = file.Tensors.FirstOrDefault(tensor => tensor.Name == Program)?.Data.ToArray();
        return new SourceModel(
            NetworkWeights.FromTensors(spec, name => TensorFiles.Singles(file, name), program),
            new Standardisation([.. TensorFiles.Doubles(file, InputMean)], [.. TensorFiles.Doubles(file, InputScale)]),
            new Standardisation([.. TensorFiles.Doubles(file, OutputMean)], [.. TensorFiles.Doubles(file, OutputScale)]));
    }

    private static NetworkSpec ReadChain(SafetensorsFile file) => NetworkMapping.ToSpec(new NetworkDescription(
        int.Parse(file.Metadata["inputs"]), [.. JsonSerializer.Deserialize<LayerDescription[]>(file.Metadata["layers"]) ?? []]));

    private static void Add(List<NamedTensor> tensors, ImmutableArray<ParameterBlock> blocks, float[] values)
    {
        foreach (ParameterBlock block in blocks)
        {
            byte[] part = MemoryMarshal.AsBytes(values.AsSpan(block.Offset, block.Count)).ToArray();
            tensors.Add(new NamedTensor(block.Name, ElementType.Float32, block.Shape, part));
        }
    }

    private static NamedTensor Vector(string name, ImmutableArray<double> values) => new(
        name, ElementType.Float64, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
