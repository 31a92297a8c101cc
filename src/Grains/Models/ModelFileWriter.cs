using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Import.Onnx;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Models;

/// <summary>From a registered source to a file that other programs read.</summary>
internal static class ModelFileWriter
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <exception cref="InvalidInputException">The network cannot be written so.</exception>
    public static byte[] Write(SourceModel model, SourceDescription source, SourceFormat format)
    {
        if (model.Weights.Program is not null)
        {
            throw new InvalidInputException(
                $"source '{source.Name}'", "its network is a TorchScript program", "keep the file that it was imported from, or export it to ONNX where it was made");
        }

        return format switch
        {
            SourceFormat.Onnx => OnnxExporter.Export(model),
            SourceFormat.Safetensors => Safetensors(model, source),
            _ => throw new InvalidInputException("format", $"{format} is not known", "use Onnx or Safetensors"),
        };
    }

    private static byte[] Safetensors(SourceModel model, SourceDescription source)
    {
        var tensors = new List<NamedTensor>();
        SourceModelFile.AddWeights(tensors, model.Weights);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = "pt",
            [ModelFileReader.SpecMetadata] = NetworkSpecFile.ToJson(model.Spec),
            ["schema"] = JsonSerializer.Serialize(Schema(model, source), s_json),
        };
        return new SafetensorsFile(tensors, metadata).ToBytes();
    }

    /// <summary>As docs/schema-file.md describes it.</summary>
    private static object Schema(SourceModel model, SourceDescription source) => new
    {
        Columns = source.Schema.Columns.Select(column => new
        {
            column.Name,
            Categories = column.IsCategorical ? column.Categories : (ImmutableArray<string>?)null,
            Encoding = column.IsIndex ? "index" : column.IsCategorical ? "one-hot" : null,
            Length = column.IsCategorical || column.Length == 0 ? (int?)null : column.Length,
        }),
        source.Targets,
        Inputs = Units(model.InputStandardisation),
        Outputs = Units(model.OutputStandardisation),
    };

    private static object? Units(Standardisation map) =>
        map == Standardisation.Identity(map.Width) ? null : new { map.Mean, map.Scale };
}
