using System.Buffers.Binary;
using System.Text;

namespace AdaptCluster.Formats.Tests.Support;

/// <summary>Writes pickles, instruction by instruction.</summary>
internal sealed class Pickle
{
    private readonly List<byte> _bytes = [0x80, 2];

    /// <summary>Instructions without arguments, by their characters.</summary>
    public Pickle Do(string opcodes)
    {
        _bytes.AddRange(Encoding.Latin1.GetBytes(opcodes));
        return this;
    }

    public Pickle Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public Pickle Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return Do("X").Int32(utf8.Length).Raw(utf8);
    }

    public Pickle Global(string module, string name) => Do($"c{module}\n{name}\n");

    public Pickle Integer(long value)
    {
        Span<byte> digits = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(digits, value);
        return Raw(0x8a, 8).Raw(digits);
    }

    public Pickle Integers(params ReadOnlySpan<long> values)
    {
        Do("(");
        foreach (long value in values)
        {
            Integer(value);
        }

        return Do("t");
    }

    /// <summary>('storage', type, key, 'cpu', count), referred to.</summary>
    public Pickle Storage(string type, string key, long count) =>
        Do("(").Text("storage").Global("torch", type).Text(key).Text("cpu").Integer(count).Do("tQ");

    /// <summary>A float tensor on storage '0'.</summary>
    public Pickle Tensor(long count, long offset, long[] shape, long[] strides, string type = "FloatStorage") => Global("torch._utils", "_rebuild_tensor_v2")
        .Do("(").Storage(type, "0", count).Integer(offset).Integers(shape).Integers(strides).Raw(0x89).Dictionary().Do("tR");

    public Pickle Dictionary() => Global("collections", "OrderedDict").Do(")R");

    public Pickle Int32(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Raw(bytes);
    }

    /// <summary>The pickle, with its end.</summary>
    public byte[] End() => [.. _bytes, (byte)'.'];
}
