using System.Buffers.Binary;
using System.Text.Json;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Tensors;

/// <summary>
/// The safetensors format: eight bytes of header length, a JSON header with dtype, shape and offsets by name, then the
/// raw little-endian tensors. See the format's description at the huggingface/safetensors project.
/// </summary>
/// <param name="Tensors">The tensors by name.</param>
/// <param name="Metadata">Free text by name.</param>
internal sealed record SafetensorsFile(IReadOnlyDictionary<string, TensorPayload> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    private const string MetadataKey = "__metadata__";
    private const int MaxHeaderBytes = 100_000_000;

    public byte[] ToBytes()
    {
        byte[] header = WriteHeader();
        int padded = (header.Length + 7) / 8 * 8;
        byte[] file = new byte[8 + padded + Tensors.Values.Sum(tensor => tensor.Data.Length)];
        BinaryPrimitives.WriteInt64LittleEndian(file, padded);
        header.CopyTo(file, 8);
        file.AsSpan(8 + header.Length, padded - header.Length).Fill((byte)' ');
        int offset = 8 + padded;
        foreach (TensorPayload tensor in Tensors.Values)
        {
            tensor.Data.CopyTo(file.AsMemory(offset));
            offset += tensor.Data.Length;
        }

        return file;
    }

    /// <exception cref="InvalidDataException">The bytes are not such a file.</exception>
    public static SafetensorsFile Parse(byte[] file)
    {
        long header = file.Length < 8 ? -1 : BinaryPrimitives.ReadInt64LittleEndian(file);
        if (header is < 2 or > MaxHeaderBytes || header > file.Length - 8)
        {
            throw new InvalidDataException("not a safetensors file: its header has no plausible length");
        }

        try
        {
            using var document = JsonDocument.Parse(file.AsMemory(8, (int)header));
            var tensors = new Dictionary<string, TensorPayload>(StringComparer.Ordinal);
            var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name == MetadataKey)
                {
                    foreach (JsonProperty entry in property.Value.EnumerateObject())
                    {
                        Add(metadata, entry.Name, entry.Value.GetString() ?? string.Empty);
                    }
                }
                else
                {
                    Add(tensors, property.Name, ReadTensor(property.Value, file.AsSpan(8 + (int)header)));
                }
            }

            return new SafetensorsFile(tensors, metadata);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or InvalidInputException)
        {
            throw new InvalidDataException($"not a safetensors file: {error.Message}", error);
        }
    }

    private static void Add<T>(Dictionary<string, T> entries, string name, T value)
    {
        if (!entries.TryAdd(name, value))
        {
            throw new InvalidDataException($"not a safetensors file: '{name}' is there twice");
        }
    }

    private static TensorPayload ReadTensor(JsonElement entry, ReadOnlySpan<byte> data)
    {
        TensorElementType type = entry.GetProperty("dtype").GetString() switch
        {
            "F32" => TensorElementType.Float32,
            "F64" => TensorElementType.Float64,
            string other => throw new InvalidDataException($"not supported: a tensor of {other}"),
            null => throw new InvalidDataException("not a safetensors file: a tensor without dtype"),
        };
        int[] shape = [.. entry.GetProperty("shape").EnumerateArray().Select(length => length.GetInt32())];
        int[] offsets = [.. entry.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt32())];
        (int start, int end) = offsets.Length == 2 ? (offsets[0], offsets[1]) : (-1, -1);
        if (start < 0 || end < start || end > data.Length)
        {
            throw new InvalidDataException($"not a safetensors file: offsets {start} to {end} of {data.Length} bytes");
        }

        return new TensorPayload(type, shape, data[start..end].ToArray());
    }

    private byte[] WriteHeader()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            if (Metadata.Count > 0)
            {
                writer.WriteStartObject(MetadataKey);
                foreach ((string name, string value) in Metadata)
                {
                    writer.WriteString(name, value);
                }

                writer.WriteEndObject();
            }

            int offset = 0;
            foreach ((string name, TensorPayload tensor) in Tensors)
            {
                writer.WriteStartObject(name);
                writer.WriteString("dtype", tensor.ElementType == TensorElementType.Float32 ? "F32" : "F64");
                writer.WriteStartArray("shape");
                foreach (int length in tensor.Shape)
                {
                    writer.WriteNumberValue(length);
                }

                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                writer.WriteNumberValue(offset += tensor.Data.Length);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
