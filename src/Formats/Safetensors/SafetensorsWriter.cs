using System.Buffers.Binary;
using System.Text.Json;
using AdaptCluster.Formats.Tensors;

namespace AdaptCluster.Formats.Safetensors;

/// <summary>Writes tensors one after the other behind a header padded to eight bytes.</summary>
/// <remarks>What is written names stored models by its hash: a change here gives every model another name.</remarks>
internal static class SafetensorsWriter
{
    public static byte[] Write(IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        byte[] header = WriteHeader(tensors, metadata);
        int padded = (header.Length + 7) / 8 * 8;
        byte[] file = new byte[8 + padded + tensors.Sum(tensor => tensor.Data.Length)];
        BinaryPrimitives.WriteInt64LittleEndian(file, padded);
        header.CopyTo(file, 8);
        file.AsSpan(8 + header.Length, padded - header.Length).Fill((byte)' ');
        int offset = 8 + padded;
        foreach (NamedTensor tensor in tensors)
        {
            tensor.Data.CopyTo(file.AsMemory(offset));
            offset += tensor.Data.Length;
        }

        return file;
    }

    private static byte[] WriteHeader(IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            if (metadata.Count > 0)
            {
                writer.WriteStartObject(SafetensorsFile.MetadataKey);
                foreach ((string name, string value) in metadata)
                {
                    writer.WriteString(name, value);
                }

                writer.WriteEndObject();
            }

            int offset = 0;
            foreach (NamedTensor tensor in tensors)
            {
                WriteTensor(writer, tensor, ref offset);
            }

            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteTensor(Utf8JsonWriter writer, NamedTensor tensor, ref int offset)
    {
        writer.WriteStartObject(tensor.Name);
        writer.WriteString("dtype", SafetensorsTypes.NameOf(tensor.Type));
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
}
