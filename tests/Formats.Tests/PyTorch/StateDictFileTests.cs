using System.Runtime.InteropServices;
using AdaptCluster.Formats.PyTorch;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Formats.Tests.Support;

namespace AdaptCluster.Formats.Tests.PyTorch;

/// <summary>Files that PyTorch wrote; the values are those of <c>Files/write_fixtures.py</c>.</summary>
public sealed class StateDictFileTests
{
    [Fact]
    public void Parse_StateDictOfAModule_ItsTensorsInOrder()
    {
        IReadOnlyList<NamedTensor> tensors = Parse("plain.pt");

        Assert.Equal(["0.weight", "0.bias", "2.weight", "2.bias"], tensors.Select(tensor => tensor.Name));
        Check(tensors[0], [3, 2], 0, 1, 2, 3, 4, 5);
        Check(tensors[1], [3], 100, 101, 102);
        Check(tensors[2], [1, 3], 200, 201, 202);
        Check(tensors[3], [1], 300);
    }

    [Fact]
    public void Parse_Parameters_TheirTensors()
    {
        IReadOnlyList<NamedTensor> tensors = Parse("parameters.pt");

        Check(tensors[0], [2, 2], 0, 1, 2, 3);
        Check(tensors[1], [2], 0, 1);
    }

    [Theory]
    [InlineData("half.pt", ElementType.Float16, 2)]
    [InlineData("bfloat16.pt", ElementType.BFloat16, 2)]
    [InlineData("double.pt", ElementType.Float64, 3)]
    public void Parse_OtherRealNumbers_SameNumbers(string name, ElementType type, int divisor)
    {
        NamedTensor tensor = Assert.Single(Parse(name));

        Assert.Equal(type, tensor.Type);
        Assert.Equal([2, 3], tensor.Shape);
        Assert.Equal(Enumerable.Range(0, 6).Select(i => (float)((double)i / divisor)), tensor.ToSingles());
    }

    [Fact]
    public void Parse_Integers_SameNumbers()
    {
        IReadOnlyList<NamedTensor> tensors = Parse("integers.pt");

        Assert.Equal(["int64", "int32", "int16", "int8", "uint8", "bool"], tensors.Select(tensor => tensor.Name));
        Assert.Equal(
            [ElementType.Int64, ElementType.Int32, ElementType.Int16, ElementType.Int8, ElementType.UInt8, ElementType.Bool],
            tensors.Select(tensor => tensor.Type));
        Assert.Equal([-(1L << 40), 1 - (1L << 40), 2 - (1L << 40)], tensors[0].ToInt64s());
        Assert.All(tensors.Skip(1).Take(3), tensor => Assert.Equal([-1, 0, 1], tensor.ToInt64s()));
        Assert.Equal([253, 254, 255], tensors[4].ToInt64s());
        Assert.Equal([1, 0, 1], tensors[5].ToInt64s());
    }

    [Fact]
    public void Parse_StridedTensors_RowMajor()
    {
        IReadOnlyList<NamedTensor> tensors = Parse("strided.pt");

        Check(tensors[0], [4, 3], 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
        Check(tensors[1], [3, 2], 0, 2, 4, 6, 8, 10);
        Check(tensors[2], [4], 4, 5, 6, 7);
        Check(tensors[3], [3, 2], 0, 1, 0, 1, 0, 1);
    }

    [Fact]
    public void Parse_SharedStorage_ViewsOfTheSameBytesOfTheFile()
    {
        byte[] file = Fixtures.Read("shared.pt");

        IReadOnlyList<NamedTensor> tensors = StateDictFile.Parse(file, "shared.pt");

        Check(tensors[0], [6], 0, 1, 2, 3, 4, 5);
        Check(tensors[2], [2], 4, 5);
        ArraySegment<byte>[] views = [.. tensors.Select(tensor => MemoryMarshal.TryGetArray(tensor.Data, out ArraySegment<byte> view) ? view : default)];
        Assert.All(views, view => Assert.Same(file, view.Array));
        Assert.Equal(views[0], views[1]);
        Assert.Equal(views[0].Offset + 16, views[2].Offset);
    }

    [Fact]
    public void Parse_CheckpointWithStateDict_OnlyThat()
    {
        IReadOnlyList<NamedTensor> tensors = Parse("checkpoint.pt");

        Assert.Equal(["weight", "bias"], tensors.Select(tensor => tensor.Name));
        Check(tensors[0], [2], 0, 1);
    }

    [Fact]
    public void Parse_CheckpointWithModel_OnlyThat() => Check(Assert.Single(Parse("model_checkpoint.pt")), [2], 0, 1);

    [Fact]
    public void Parse_NestedDictionaries_NamesJoinedByDots() =>
        Assert.Equal(["encoder.weight", "decoder.head.bias"], Parse("nested.pt").Select(tensor => tensor.Name));

    [Fact]
    public void Parse_EmptyAndScalarTensors_Read()
    {
        IReadOnlyList<NamedTensor> tensors = Parse("empty_and_scalar.pt");

        Check(tensors[0], [0, 3]);
        Check(tensors[1], [], 2.5f);
    }

    [Theory]
    [InlineData("no_tensors.pt", "no tensors", "state_dict")]
    [InlineData("sparse.pt", "'torch._utils._rebuild_sparse_tensor'", "state_dict")]
    [InlineData("quantized.pt", "'torch._utils._rebuild_qtensor'", "state_dict")]
    [InlineData("complex.pt", "'torch.ComplexFloatStorage'", "state_dict")]
    [InlineData("module.pt", "'torch.nn.modules.linear.Linear'", "state_dict")]
    [InlineData("legacy.pt", "before version 1.6", "PyTorch 1.6 or later")]
    [InlineData("script.pt", "TorchScript", "state_dict")]
    public void Parse_WhatIsNoStateDict_SaysWhatItIsAndWhatToDo(string name, string problem, string remedy)
    {
        ModelFileException error = Assert.Throws<ModelFileException>(() => Parse(name));

        Assert.Equal(name, error.File);
        Assert.Contains(problem, error.Problem, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_EveryBitOfAContentFlipped_Refused()
    {
        byte[] file = Fixtures.Read("half.pt");
        int start = file.AsSpan().IndexOf("\u0000\u0000\u00008\u0000<"u8[..4]);
        Assert.True(start > 0);
        for (int bit = 0; bit < 12 * 8; bit++)
        {
            byte[] damaged = [.. file];
            damaged[start + (bit / 8)] ^= (byte)(1 << (bit % 8));

            Assert.Contains("half/data/0", Hostile.Refused(damaged, bytes => StateDictFile.Parse(bytes, "half.pt")).Where, StringComparison.Ordinal);
        }
    }

    private static IReadOnlyList<NamedTensor> Parse(string name) => StateDictFile.Parse(Fixtures.Read(name), name);

    private static void Check(NamedTensor tensor, int[] shape, params float[] values)
    {
        Assert.Equal(shape, tensor.Shape);
        Assert.Equal(values, tensor.ToSingles());
    }
}
