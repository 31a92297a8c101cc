using Google.Protobuf.Reflection;

namespace AdaptCluster.Import.Onnx.Reading;

/// <summary>
/// Walks the bytes of a message before they become objects, and adds up what the objects will take. Two bytes of a file can be
/// an empty message, which is an object of half a kilobyte: a small file could ask for any amount of memory otherwise.
/// </summary>
/// <remarks>Linear in the size of the file; allocates nothing but the sizes of the message types.</remarks>
internal sealed class WireCheck(ModelErrors errors, ImportBudget budget)
{
    private const int DeepestMessage = 24;
    private readonly Dictionary<MessageDescriptor, long> _sizes = [];

    /// <exception cref="Formats.ModelFileException">The bytes are no such message, or the objects would take too much.</exception>
    internal void Require(MessageDescriptor message, ReadOnlySpan<byte> bytes) => Walk(message, bytes, 0);

    private void Walk(MessageDescriptor message, ReadOnlySpan<byte> bytes, int depth)
    {
        if (depth > DeepestMessage)
        {
            throw errors.Of(null, $"messages lie {depth} deep in one another", "export the network without nested graphs");
        }

        Take(SizeOf(message));
        while (!bytes.IsEmpty)
        {
            ulong tag = Varint(ref bytes);
            FieldDescriptor? field = tag >> 3 <= int.MaxValue ? message.FindFieldByNumber((int)(tag >> 3)) : null;
            switch (tag & 7)
            {
                case 0:
                    Varint(ref bytes);
                    Take(field is null ? 0 : 16);
                    break;
                case 1:
                    Skip(ref bytes, 8);
                    Take(field is null ? 0 : 16);
                    break;
                case 5:
                    Skip(ref bytes, 4);
                    Take(field is null ? 0 : 8);
                    break;
                case 2:
                    Content(field, Skip(ref bytes, Varint(ref bytes)), depth);
                    break;
                default:
                    throw Damaged();
            }
        }
    }

    private void Content(FieldDescriptor? field, ReadOnlySpan<byte> content, int depth)
    {
        switch (field?.FieldType)
        {
            case null:
                break;
            case FieldType.Message:
                Take(16);
                Walk(field.MessageType, content, depth + 1);
                break;
            case FieldType.String:
                Take(40 + (2L * content.Length));
                break;
            case FieldType.Bytes:
                Take(80 + content.Length);
                break;
            case FieldType.Float or FieldType.Double or FieldType.Fixed32 or FieldType.Fixed64:
                Take(content.Length);
                break;
            default:
                Take(16L * Numbers(content)); // lists of numbers of unknown count double as they grow
                break;
        }
    }

    private long SizeOf(MessageDescriptor message)
    {
        if (!_sizes.TryGetValue(message, out long size))
        {
            size = 64 + (message.Name == "NodeProto" ? ImportBudget.FileNode : 0) + message.Fields.InDeclarationOrder().Sum(field => field.IsRepeated ? 64L : 8L);
            _sizes.Add(message, size);
        }

        return size;
    }

    private static long Numbers(ReadOnlySpan<byte> varints)
    {
        long count = 0;
        foreach (byte b in varints)
        {
            count += b < 0x80 ? 1 : 0;
        }

        return count;
    }

    private void Take(long bytes) => budget.Take(bytes);

    private ReadOnlySpan<byte> Skip(ref ReadOnlySpan<byte> bytes, ulong count)
    {
        if (count > (ulong)bytes.Length)
        {
            throw Damaged();
        }

        ReadOnlySpan<byte> content = bytes[..(int)count];
        bytes = bytes[(int)count..];
        return content;
    }

    private ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; i < Math.Min(10, bytes.Length); i++)
        {
            value |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }

        throw Damaged();
    }

    private Formats.ModelFileException Damaged() => errors.Of(null, "it is cut off, damaged or no ONNX file", "copy or export the file again");
}
