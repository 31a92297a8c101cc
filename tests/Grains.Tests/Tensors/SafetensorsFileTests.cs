using System.Buffers.Binary;
using System.Text;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tensors;
using CsCheck;

namespace AdaptCluster.Grains.Tests.Tensors;

public sealed class SafetensorsFileTests
{
    [Fact]
    public void Parse_WhatWasWritten_SameTensorsAndMetadata() =>
        Gen.Select(Gen.String[1, 8].Array[0, 4], Gen.Int[0, 3], Gen.Int[0, 3], Gen.String[0, 6]).Sample((names, rows, columns, text) =>
        {
            string[] distinct = [.. names.Select(Clean).Where(name => name != "__metadata__").Distinct(StringComparer.Ordinal)];
            var tensors = distinct.ToDictionary(
                name => name,
                name => new TensorPayload(TensorElementType.Float32, [rows, columns], [.. Enumerable.Range(0, rows * columns * 4).Select(i => (byte)i)]));
            var metadata = new Dictionary<string, string> { ["note"] = Clean(text) };

            byte[] bytes = new SafetensorsFile(tensors, metadata).ToBytes();
            SafetensorsFile back = SafetensorsFile.Parse(bytes);

            Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(bytes) % 8);
            Assert.Equal(distinct.Order(StringComparer.Ordinal), back.Tensors.Keys.Order(StringComparer.Ordinal));
            Assert.All(distinct, name => Assert.Equal(tensors[name].Data.ToArray(), back.Tensors[name].Data.ToArray()));
            Assert.All(back.Tensors.Values, tensor => Assert.Equal([rows, columns], tensor.Shape.ToArray()));
            Assert.Equal(metadata, back.Metadata);
        });

    [Fact]
    public void Parse_FileWrittenByHandFromTheFormat_Read()
    {
        // 88, {"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}} and blanks, 1.5, -2
        byte[] file = Convert.FromBase64String(
            "WAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJrIjoidiJ9LCJhIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsxLDJdLCJkYXRhX29mZnNldHMiOlswLDhdfX0gICAgICAgAADAPwAAAMA=");

        SafetensorsFile parsed = SafetensorsFile.Parse(file);

        Assert.Equal([1.5f, -2f], parsed.Tensors["a"].ToSingles());
        Assert.Equal([1, 2], parsed.Tensors["a"].Shape.ToArray());
        Assert.Equal("v", parsed.Metadata["k"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nothing")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"a\":{}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,9]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,99999999999]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":null,\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}")]
    [InlineData("{\"__metadata__\":{\"k\":1}}")]
    [InlineData("{\"__metadata__\":[]}")]
    public void Parse_HeaderThatIsWrong_InvalidData(string header)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] file = [.. BitConverter.GetBytes((long)json.Length), .. json, 1, 2, 3, 4];

        Assert.NotEmpty(Assert.Throws<InvalidDataException>(() => SafetensorsFile.Parse(file)).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(30)]
    public void Parse_CutOff_InvalidData(int length) =>
        Assert.Throws<InvalidDataException>(() => SafetensorsFile.Parse(Good()[..length]));

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    [InlineData(0)]
    public void Parse_ImplausibleHeaderLength_InvalidData(long length)
    {
        byte[] file = Good();
        BinaryPrimitives.WriteInt64LittleEndian(file, length);

        Assert.Throws<InvalidDataException>(() => SafetensorsFile.Parse(file));
    }

    [Fact]
    public void Parse_AnyByteReplaced_AFileOrInvalidData() => Gen.Select(Gen.Int[0, Good().Length - 1], Gen.Byte).Sample((at, value) =>
    {
        byte[] file = Good();
        file[at] = value;
        try
        {
            Assert.NotNull(SafetensorsFile.Parse(file));
        }
        catch (InvalidDataException)
        {
            // What it promises.
        }
    });

    private static byte[] Good() => new SafetensorsFile(
        new Dictionary<string, TensorPayload> { ["a"] = TensorPayload.FromVector([1, 2]), ["b"] = TensorPayload.FromMatrix([1, 2], 2, 1) },
        new Dictionary<string, string> { ["format"] = "x" }).ToBytes();

    // JSON has no lone surrogates.
    private static string Clean(string text) => string.Concat(text.EnumerateRunes());
}
