using System.Security.Cryptography;
using System.Text;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Grains.Tests.Support;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using CsCheck;

namespace AdaptCluster.Grains.Tests.Models;

public sealed class SourceModelFileTests
{
    private const string Scale = "standardisation.input.scale";

    [Fact]
    public void Parse_WhatWasWritten_SameModelAndSameBytes() => Gen.Select(Gen.Int[1, 4], Gen.Int[1, 3], Gen.Int[1, 6]).Sample((inputs, outputs, hidden) =>
    {
        SourceModel model = RegistrationChecks.ToModel(new Problem(3, inputs, outputs, hidden).Registration);

        byte[] bytes = SourceModelFile.ToBytes(model);
        SourceModel back = SourceModelFile.Parse(bytes);

        Assert.Equal(model.Spec, back.Spec);
        Assert.Equal(model.Weights.Values, back.Weights.Values);
        Assert.Equal(model.InputStandardisation, back.InputStandardisation);
        Assert.Equal(model.OutputStandardisation, back.OutputStandardisation);
        Assert.Equal(bytes, SourceModelFile.ToBytes(back));
    });

    [Fact]
    public void Parse_FileOfTheFirstFormat_IsRead()
    {
        byte[] bytes = FirstFormat();

        SourceModel model = SourceModelFile.Parse(bytes);

        // The hash is that of the bytes that the first format's own writer gave for this model.
        Assert.Equal("12f20041eb301a7a915454dde470ec28cd0f7044eb89c50628d9a0099b5b2611", Convert.ToHexStringLower(SHA256.HashData(bytes)));
        Assert.Equal(NetworkSpec.Mlp(2, [3], 1, Activation.Tanh), model.Spec);
        Assert.Equal([.. Enumerable.Range(0, 13).Select(i => (i - 6) / 8f)], model.Weights.Values);
        Assert.Equal(new Standardisation([0.5, -1], [2, 1]), model.InputStandardisation);
        Assert.Equal(new Standardisation([3], [0.25]), model.OutputStandardisation);
    }

    /// <summary>A model of two inputs as stores from before networks were graphs have it, written by hand.</summary>
    private static byte[] FirstFormat()
    {
        const string header =
            """{"__metadata__":{"format":"adapt.source.v1","inputs":"2","layers":"[{\u0022Outputs\u0022:3,\u0022Activation\u0022:\u0022tanh\u0022},{\u0022Outputs\u0022:1,\u0022Activation\u0022:\u0022identity\u0022}]"},"layers.0.weight":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]},"layers.0.bias":{"dtype":"F32","shape":[3],"data_offsets":[24,36]},"layers.1.weight":{"dtype":"F32","shape":[1,3],"data_offsets":[36,48]},"layers.1.bias":{"dtype":"F32","shape":[1],"data_offsets":[48,52]},"standardisation.input.mean":{"dtype":"F64","shape":[2],"data_offsets":[52,68]},"standardisation.input.scale":{"dtype":"F64","shape":[2],"data_offsets":[68,84]},"standardisation.output.mean":{"dtype":"F64","shape":[1],"data_offsets":[84,92]},"standardisation.output.scale":{"dtype":"F64","shape":[1],"data_offsets":[92,100]}}""";
        string padded = header.PadRight((header.Length + 7) / 8 * 8);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write((long)padded.Length);
        writer.Write(Encoding.ASCII.GetBytes(padded));
        Array.ForEach([.. Enumerable.Range(0, 13).Select(i => (i - 6) / 8f)], writer.Write);
        Array.ForEach([0.5, -1, 2, 1, 3, 0.25], writer.Write);
        return stream.ToArray();
    }

    [Fact]
    public void ToBytes_EveryActivation_ReadBack()
    {
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            NetworkSpec spec = NetworkSpec.Mlp(1, [2], 1, activation);
            var model = new SourceModel(NetworkWeights.Initialise(spec, 1), Standardisation.Identity(1), Standardisation.Identity(1));

            Assert.Equal(spec, SourceModelFile.Parse(SourceModelFile.ToBytes(model)).Spec);
        }
    }

    public static TheoryData<string> Damages => new("format", "no format", "no network", "network", "no tensor", "shape", "type", "NaN", "scale");

    [Theory]
    [MemberData(nameof(Damages))]
    public void Parse_WellFormedFileOfSomethingElse_InvalidData(string damage)
    {
        SafetensorsFile good = TensorFiles.Parse(SourceModelFile.ToBytes(RegistrationChecks.ToModel(new Problem(hidden: 3).Registration)));
        var tensors = good.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(good.Metadata);
        switch (damage)
        {
            case "format": metadata["format"] = "adapt.source.v9"; break;
            case "no format": metadata.Remove("format"); break;
            case "no network": metadata.Remove("network"); break;
            case "network": metadata["network"] = "{\"inputs\":[]}"; break;
            case "no tensor": tensors.Remove("layers.0.bias"); break;
            case "shape": tensors["layers.0.bias"] = Bias([1, 2]); break;
            case "type": tensors["layers.0.bias"] = TensorFiles.FromPayload("layers.0.bias", TensorPayload.FromMatrix([1, 2, 3], 1, 3)); break;
            case "NaN": tensors["layers.0.bias"] = Bias([1, float.NaN, 3]); break;
            default: tensors[Scale] = TensorFiles.FromPayload(Scale, TensorPayload.FromMatrix([1, 0], 1, 2)); break;
        }

        Assert.Throws<InvalidDataException>(() => SourceModelFile.Parse(new SafetensorsFile([.. tensors.Values], metadata).ToBytes()));
    }

    private static NamedTensor Bias(float[] values) => TensorFiles.FromPayload("layers.0.bias", TensorPayload.FromVector(values));
}
