using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Formats.Tests.Support;
using CsCheck;

namespace AdaptCluster.Formats.Tests.Safetensors;

public sealed class SafetensorsFileTests
{
    private const string Start = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":";

    private static readonly Gen<NamedTensor> AnyTensor =
        from name in Gen.String[1, 8]
        from type in Gen.Enum<ElementType>()
        from shape in Gen.Int[0, 3].Array[0, 4]
        from data in Gen.Byte.Array[TensorSize.Count(shape) * TensorSize.Of(type)]
        select new NamedTensor(Clean(name), type, [.. shape], data);

    [Fact]
    public void Parse_WhatWasWritten_SameTensorsMetadataAndBytes() =>
        Gen.Select(AnyTensor.Array[0, 5], Gen.String[0, 6]).Sample((generated, text) =>
        {
            NamedTensor[] tensors = [.. generated.DistinctBy(tensor => tensor.Name).Where(tensor => tensor.Name != "__metadata__")];
            var metadata = new Dictionary<string, string> { ["note"] = Clean(text) };

            byte[] bytes = new SafetensorsFile(tensors, metadata).ToBytes();
            SafetensorsFile back = SafetensorsFile.Parse(bytes, "m");

            Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(bytes) % 8);
            Assert.Equal(metadata, back.Metadata);
            Assert.Equal(tensors.Length, back.Tensors.Count);
            Assert.All(tensors.Zip(back.Tensors), pair =>
            {
                Assert.Equal((pair.First.Name, pair.First.Type), (pair.Second.Name, pair.Second.Type));
                Assert.Equal(pair.First.Shape, pair.Second.Shape);
                Assert.Equal(pair.First.Data.ToArray(), pair.Second.Data.ToArray());
                Assert.Equal("m", pair.Second.File);
            });
            Assert.Equal(bytes, back.ToBytes());
        });

    [Fact]
    public void Parse_FileWrittenByHandFromTheFormat_Read()
    {
        // 88, {"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}} and blanks, 1.5, -2
        byte[] file = Convert.FromBase64String(
            "WAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJrIjoidiJ9LCJhIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsxLDJdLCJkYXRhX29mZnNldHMiOlswLDhdfX0gICAgICAgAADAPwAAAMA=");

        SafetensorsFile parsed = SafetensorsFile.Parse(file, "m");

        NamedTensor tensor = Assert.Single(parsed.Tensors);
        Assert.Equal([1.5f, -2f], tensor.ToSingles());
        Assert.Equal([1, 2], tensor.Shape);
        Assert.Equal("v", parsed.Metadata["k"]);
        Assert.True(MemoryMarshal.TryGetArray(tensor.Data, out ArraySegment<byte> view));
        Assert.Same(file, view.Array);
    }

    [Theory]
    [InlineData("F16", ElementType.Float16, 2)]
    [InlineData("BF16", ElementType.BFloat16, 2)]
    [InlineData("F32", ElementType.Float32, 4)]
    [InlineData("F64", ElementType.Float64, 8)]
    [InlineData("I8", ElementType.Int8, 1)]
    [InlineData("U8", ElementType.UInt8, 1)]
    [InlineData("I16", ElementType.Int16, 2)]
    [InlineData("I32", ElementType.Int32, 4)]
    [InlineData("I64", ElementType.Int64, 8)]
    [InlineData("BOOL", ElementType.Bool, 1)]
    public void Parse_EveryType_ByTheNameThatTheFormatGivesIt(string name, ElementType type, int size) => Assert.Equal(
        type, Assert.Single(SafetensorsFile.Parse(File($"{{\"a\":{{\"dtype\":\"{name}\",\"shape\":[1],\"data_offsets\":[0,{size}]}}}}", size), "m").Tensors).Type);

    [Fact]
    public void Parse_HeaderInAnotherOrderThanTheData_OrderOfTheHeader()
    {
        byte[] file = File(
            "{\"b\":{\"data_offsets\":[4,5],\"shape\":[1],\"dtype\":\"U8\",\"later\":{\"x\":[1]}},\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
            + "\"e\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,4]}} ",
            5);

        Assert.Equal(["b", "a", "e"], SafetensorsFile.Parse(file, "m").Tensors.Select(tensor => tensor.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nothing")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}x")]
    [InlineData("{}")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"a\":{}}")]
    [InlineData(Start + "[0]}}")]
    [InlineData(Start + "[]}}")]
    [InlineData(Start + "[0,4,4]}}")]
    [InlineData(Start + "[0,9]}}")]
    [InlineData(Start + "[-4,0]}}")]
    [InlineData(Start + "[4,0]}}")]
    [InlineData(Start + "[0,99999999999]}}")]
    [InlineData(Start + "[0,99999999999999999999999]}}")]
    [InlineData(Start + "[0,4],\"shape\":[1]}}")]
    [InlineData(Start + "[0,4],\"dtype\":\"F32\"}}")]
    [InlineData(Start + "[0,4],\"data_offsets\":[0,4]}}")]
    [InlineData(Start + "[0,4]}}{}")]
    [InlineData(Start + "[0,4],\"x\":[[[[[[[[[[1]]]]]]]]]]}}")]
    [InlineData("{\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[65536,65536,0],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,2147483647],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":null,\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{}}")]
    [InlineData("{\"__metadata__\":{\"k\":1}}")]
    [InlineData("{\"__metadata__\":[]}")]
    public void Parse_HeaderThatIsWrong_Refused(string header) => Refused(File(header, 4));

    [Theory]
    [InlineData("overlaps", 0, 4, 0, 4, 4)]
    [InlineData("overlaps", 0, 4, 2, 6, 6)]
    [InlineData("belong to no tensor", 0, 4, 6, 10, 10)]
    [InlineData("belong to no tensor", 2, 6, 6, 10, 10)]
    [InlineData("end after 8 of 9 bytes", 0, 4, 4, 8, 9)]
    public void Parse_DataThatIsNotCoveredOnce_Refused(string problem, int start1, int end1, int start2, int end2, int length)
    {
        string header = $"{{\"a\":{{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[{start1},{end1}]}},"
            + $"\"b\":{{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[{start2},{end2}]}}}}";

        Assert.Contains(problem, Refused(File(header, length)).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("F8_E4M3")]
    [InlineData("U16")]
    [InlineData("C64")]
    [InlineData("f32")]
    public void Parse_TypeThatIsNotRead_RefusedByItsName(string type)
    {
        ModelFileException error = Refused(File($"{{\"a\":{{\"dtype\":\"{type}\",\"shape\":[1],\"data_offsets\":[0,4]}}}}", 4));

        Assert.Equal("tensor 'a'", error.Where);
        Assert.Contains($"'{type}'", error.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(100_000_001)]
    [InlineData(-1)]
    [InlineData(0)]
    public void Parse_ImplausibleHeaderLength_Refused(long length)
    {
        byte[] file = File("{}", 0);
        BinaryPrimitives.WriteInt64LittleEndian(file, length);

        Refused(file);
    }

    [Theory]
    [InlineData("[1,1,1,1,1,1,1,1,1,1]")]
    [InlineData("{\"x\":1,\"y\":2}")]
    [InlineData("\"a\"")]
    public void Parse_HugeHeader_BoundedMemory(string item)
    {
        string header = Start + "[0,4],\"x\":[" + string.Join(',', Enumerable.Repeat(item, 100_000)) + "]}}";

        Assert.Null(Hostile.Read(File(header, 4), Parse));
    }

    [Fact]
    public void Parse_VeryManyTinyTensors_BoundedMemory()
    {
        string header = "{" + string.Join(',', Enumerable.Range(0, 200_000).Select(i => $"\"{i}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}")) + "}";

        Hostile.Read(File(header, 0), Parse, MemoryBudget.Constant + (1 << 20));
    }

    [Fact]
    public void Make_NamesThatCannotBeWritten_Refused()
    {
        Assert.Throws<ArgumentException>(() => new SafetensorsFile([Byte("a"), Byte("a")]));
        Assert.Throws<ArgumentException>(() => new SafetensorsFile([Byte("__metadata__")]));
        Assert.Throws<ArgumentException>(() => new SafetensorsFile([Byte("\ud800")]));
        Assert.Throws<ArgumentException>(() => new SafetensorsFile([], ImmutableDictionary<string, string>.Empty.Add("k", "x\udc00")));
    }

    private static NamedTensor Byte(string name) => new(name, ElementType.UInt8, [1], new byte[1]);

    private static byte[] File(string header, int dataBytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[dataBytes]];
    }

    private static void Parse(ReadOnlyMemory<byte> file) => SafetensorsFile.Parse(file, "m");

    private static ModelFileException Refused(byte[] file) => Hostile.Refused(file, Parse);

    // JSON has no lone surrogates.
    private static string Clean(string text) => string.Concat(text.EnumerateRunes());
}
