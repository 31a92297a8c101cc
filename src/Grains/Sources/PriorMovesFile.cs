using System.Runtime.InteropServices;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Grains.Sources;

/// <summary>A prior's shift and directions as a safetensors file: too large for the source's own record.</summary>
internal static class PriorMovesFile
{
    private const string Format = "adapt.prior.v1";
    private const string Shift = "shift";
    private const string Directions = "directions";

    public static byte[] ToBytes(NetworkSpec spec, Prior prior)
    {
        var tensors = new List<NamedTensor>
        {
            new(Shift, ElementType.Float64, [prior.Shift.Length], Bytes(prior.Shift.AsSpan())),
            new(Directions, ElementType.Float64, [spec.ParameterCount, prior.RankOf(spec)], Bytes(prior.Directions.AsSpan())),
        };
        return new SafetensorsFile(tensors, new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = Format }).ToBytes();
    }

    /// <summary>The prior with what the file holds.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a file.</exception>
    public static Prior AddTo(Prior prior, byte[] bytes)
    {
        SafetensorsFile file = TensorFiles.Parse(bytes);
        return file.Metadata.GetValueOrDefault("format") == Format
            ? prior with
            {
                Shift = ImmutableCollectionsMarshal.AsImmutableArray(TensorFiles.Doubles(file, Shift)),
                Directions = ImmutableCollectionsMarshal.AsImmutableArray(TensorFiles.Doubles(file, Directions)),
            }
            : throw new InvalidDataException($"its format is '{file.Metadata.GetValueOrDefault("format")}', not '{Format}'");
    }

    private static byte[] Bytes(ReadOnlySpan<double> values) => MemoryMarshal.AsBytes(values).ToArray();
}
