using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace AdaptCluster.Formats.PyTorch;

/// <summary>A pickle's bytes, read from the start to the end and never beyond; makes the errors that name a place in it.</summary>
internal sealed class PickleBytes(ReadOnlyMemory<byte> bytes, ModelSource source, string entry)
{
    private const int MaxNameLength = 256;

    private int _at;
    private int _opcodeAt;

    /// <summary>Whether everything was read.</summary>
    public bool IsAtEnd => _at == bytes.Length;

    public PickleOpcode ReadOpcode()
    {
        _opcodeAt = _at;
        return (PickleOpcode)ReadByte();
    }

    public byte ReadByte() => Read(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Read(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Read(4));

    /// <summary>An integer of as many bytes as the next byte says, two's complement; ignored where it has more than 64 bits.</summary>
    public PickleValue ReadLong()
    {
        ReadOnlySpan<byte> digits = Read(ReadByte());
        if (digits.Length > sizeof(long))
        {
            return PickleValue.Ignored;
        }

        long value = digits.Length > 0 && digits[^1] >= 0x80 ? -1 : 0;
        for (int i = digits.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | digits[i];
        }

        return PickleValue.OfInteger(value);
    }

    /// <summary>A text with its length before it.</summary>
    public PickleValue ReadText()
    {
        int length = ReadInt32();
        int start = _at;
        return Utf8.IsValid(Read(length)) ? PickleValue.OfText(start, length) : throw Wrong("a text is not UTF-8");
    }

    /// <summary>A name that ends with its line.</summary>
    public string ReadName()
    {
        ReadOnlySpan<byte> rest = bytes.Span[_at..];
        int length = rest[..Math.Min(rest.Length, MaxNameLength)].IndexOf((byte)'\n');
        if (length <= 0 || !Ascii.IsValid(rest[..length]))
        {
            throw Wrong("a name is not ASCII, empty or does not end");
        }

        _at += length + 1;
        return Encoding.ASCII.GetString(rest[..length]);
    }

    /// <summary>Passes bytes over.</summary>
    public void Skip(int count) => Read(count);

    /// <summary>The characters of a text.</summary>
    public string TextOf(PickleValue text) => Encoding.UTF8.GetString(Utf8Of(text));

    /// <summary>The UTF-8 of a text.</summary>
    public ReadOnlySpan<byte> Utf8Of(PickleValue text)
    {
        (int start, int length) = text.Text;
        return bytes.Span.Slice(start, length);
    }

    /// <summary>What is wrong with the instruction that was read last.</summary>
    public ModelFileException Wrong(string problem, string remedy = Remedies.SaveStateDict) =>
        source.Wrong($"entry {Quote.One(entry)}, byte {_opcodeAt}", problem, remedy);

    private ReadOnlySpan<byte> Read(int count)
    {
        if (count < 0 || count > bytes.Length - _at)
        {
            throw Wrong($"it needs {(uint)count} bytes more and has {bytes.Length - _at}", Remedies.CopyAgain);
        }

        ReadOnlySpan<byte> read = bytes.Span.Slice(_at, count);
        _at += count;
        return read;
    }
}
