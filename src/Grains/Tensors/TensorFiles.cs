using System.Runtime.InteropServices;
using AdaptCluster.Formats;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Tensors;

/// <summary>The store's own files: safetensors of 32- and 64-bit real numbers and of bytes, nothing else.</summary>
internal static class TensorFiles
{
    public static NamedTensor FromPayload(string name, TensorPayload payload) => new(
        name,
        payload.ElementType switch
        {
            TensorElementType.Float32 => ElementType.Float32,
            TensorElementType.Float64 => ElementType.Float64,
            _ => ElementType.UInt8,
        },
        [.. payload.Shape],
        payload.Data);

    /// <exception cref="InvalidDataException">The bytes are not such a file.</exception>
    public static SafetensorsFile Parse(byte[] bytes)
    {
        try
        {
            return SafetensorsFile.Parse(bytes, "tensors");
        }
        catch (ModelFileException error)
        {
            throw new InvalidDataException(error.Where is null ? error.Problem : $"{error.Where}: {error.Problem}", error);
        }
    }

    /// <summary>The tensor of a name with elements of a type, copied.</summary>
    /// <exception cref="InvalidDataException">There is none, or its elements are others.</exception>
    public static TensorPayload ToPayload(SafetensorsFile file, string name)
    {
        NamedTensor tensor = Find(file, name);
        TensorElementType type = tensor.Type switch
        {
            ElementType.Float32 => TensorElementType.Float32,
            ElementType.Float64 => TensorElementType.Float64,
            ElementType.UInt8 => TensorElementType.UInt8,
            _ => throw Wrong(tensor),
        };
        return new TensorPayload(type, [.. tensor.Shape], tensor.Data.ToArray());
    }

    /// <summary>The Float32 numbers of a name, copied.</summary>
    /// <exception cref="InvalidDataException">There are none, or they are others.</exception>
    public static float[] Singles(SafetensorsFile file, string name) => Numbers<float>(Find(file, name), ElementType.Float32);

    /// <summary>The Float64 numbers of a name, copied.</summary>
    /// <exception cref="InvalidDataException">There are none, or they are others.</exception>
    public static double[] Doubles(SafetensorsFile file, string name) => Numbers<double>(Find(file, name), ElementType.Float64);

    private static T[] Numbers<T>(NamedTensor tensor, ElementType type)
        where T : unmanaged => tensor.Type == type ? MemoryMarshal.Cast<byte, T>(tensor.Data.Span).ToArray() : throw Wrong(tensor);

    private static NamedTensor Find(SafetensorsFile file, string name) =>
        file.Tensors.FirstOrDefault(tensor => tensor.Name == name) ?? throw new InvalidDataException($"it has no tensor '{name}'");

    private static InvalidDataException Wrong(NamedTensor tensor) => new($"the elements of '{tensor.Name}' are {tensor.Type}");
}
