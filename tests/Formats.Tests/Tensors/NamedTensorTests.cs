using System.Runtime.InteropServices;
using AdaptCluster.Formats.Tensors;
using CsCheck;

namespace AdaptCluster.Formats.Tests.Tensors;

public sealed class NamedTensorTests
{
    [Fact]
    public void ToSingles_Float16_EveryValue()
    {
        ushort[] all = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits)];

        Assert.Equal(all.Select(bits => (float)BitConverter.UInt16BitsToHalf(bits)), Of(ElementType.Float16, all).ToSingles());
    }

    [Fact]
    public void ToSingles_BFloat16_EveryValueIsTheUpperHalfOfASingle()
    {
        ushort[] all = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits)];

        float[] singles = Of(ElementType.BFloat16, all).ToSingles();

        Assert.All(all.Where(bits => !float.IsNaN(singles[bits])), bits => Assert.Equal((uint)bits << 16, BitConverter.SingleToUInt32Bits(singles[bits])));
        Assert.Equal(2 * 127, singles.Count(float.IsNaN));
        Assert.Equal([1f, -2f, 3.140625f], Of(ElementType.BFloat16, new ushort[] { 0x3f80, 0xc000, 0x4049 }).ToSingles());
    }

    [Fact]
    public void ToSingles_Float32AndFloat64_SameNumbers() => Gen.Float.Array[0, 20].Sample(values =>
    {
        Assert.Equal(values, Of(ElementType.Float32, values).ToSingles());
        Assert.Equal(values, Of(ElementType.Float64, Array.ConvertAll(values, value => (double)value)).ToSingles());
    });

    [Fact]
    public void ToSingles_Float64BeyondTheRange_Infinite() =>
        Assert.Equal([float.PositiveInfinity, 0], Of(ElementType.Float64, new[] { 1e300, 1e-300 }).ToSingles());

    [Fact]
    public void ToInt64s_EveryIntegerType_SameNumbers()
    {
        Assert.Equal([long.MinValue, 5], Of(ElementType.Int64, new[] { long.MinValue, 5 }).ToInt64s());
        Assert.Equal([int.MinValue, 5], Of(ElementType.Int32, new[] { int.MinValue, 5 }).ToInt64s());
        Assert.Equal([short.MinValue, 5], Of(ElementType.Int16, new short[] { short.MinValue, 5 }).ToInt64s());
        Assert.Equal([sbyte.MinValue, 5], Of(ElementType.Int8, new sbyte[] { sbyte.MinValue, 5 }).ToInt64s());
        Assert.Equal([255, 5], Of(ElementType.UInt8, new byte[] { 255, 5 }).ToInt64s());
        Assert.Equal([0, 1, 1], Of(ElementType.Bool, new byte[] { 0, 1, 7 }).ToInt64s());
    }

    [Theory]
    [InlineData(ElementType.Int64)]
    [InlineData(ElementType.Bool)]
    public void ToSingles_Integers_RefusedByName(ElementType type)
    {
        var tensor = new NamedTensor("count", type, [0], default, "m.pt");

        Assert.Equal(
            $"m.pt, tensor 'count': its elements are {type} where real numbers are needed; save it as Float16, BFloat16, Float32 or Float64.",
            Assert.Throws<ModelFileException>(tensor.ToSingles).Message);
    }

    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float64)]
    public void ToInt64s_RealNumbers_RefusedByName(ElementType type) =>
        Assert.Contains("'w'", Assert.Throws<ModelFileException>(new NamedTensor("w", type, [0], default).ToInt64s).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(4, new int[0])]
    [InlineData(0, new[] { 0, int.MaxValue })]
    [InlineData(24, new[] { 1, 2, 3, 1, 1, 1, 1, 1 })]
    public void Make_BytesThatFit_AView(int bytes, int[] shape)
    {
        byte[] data = new byte[bytes];

        var tensor = new NamedTensor("w", ElementType.Float32, [.. shape], data);

        Assert.Equal(shape, tensor.Shape);
        Assert.Equal(bytes / 4, tensor.Count);
        Assert.True(MemoryMarshal.TryGetArray(tensor.Data, out ArraySegment<byte> view));
        Assert.Same(data, view.Array);
    }

    [Theory]
    [InlineData(4, new[] { 2 })]
    [InlineData(3, new int[0])]
    [InlineData(0, new[] { -1 })]
    [InlineData(0, new[] { 0, -1 })]
    [InlineData(0, new[] { -1, 0 })]
    [InlineData(4, new[] { -1, -1 })]
    [InlineData(0, new[] { 1 << 16, 1 << 16 })]
    [InlineData(4, new[] { int.MaxValue, int.MaxValue, int.MaxValue, 3 })]
    [InlineData(4, new[] { 1, 1, 1, 1, 1, 1, 1, 1, 1 })]
    public void Make_BytesThatDoNotFit_Refused(int bytes, int[] shape) => Assert.Equal(
        "tensor 'w'", Assert.Throws<ModelFileException>(() => new NamedTensor("w", ElementType.Float32, [.. shape], new byte[bytes])).Where);

    private static NamedTensor Of<T>(ElementType type, T[] values)
        where T : unmanaged => new("w", type, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
