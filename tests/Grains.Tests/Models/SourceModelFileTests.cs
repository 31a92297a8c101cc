using System.Security.Cryptography;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Grains.Interfaces.Sources;
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
    public void ToBytes_AnyVersion_SameContentHash()
    {
        // Stored models are named by their hash: the writer must not change by a byte. Written by the version before this test.
        NetworkSpec spec = NetworkSpec.Mlp(2, [3], 1, Activation.Tanh);
        float[] weights = [.. Enumerable.Range(0, spec.ParameterCount).Select(i => (i - 6) / 8f)];
        var model = new SourceModel(new NetworkWeights(spec, weights), new Standardisation([0.5, -1], [2, 1]), new Standardisation([3], [0.25]));

        Assert.Equal("12f20041eb301a7a915454dde470ec28cd0f7044eb89c50628d9a0099b5b2611", Convert.ToHexStringLower(SHA256.HashData(SourceModelFile.ToBytes(model))));
    }

    [Fact]
    public void ToBytes_EveryActivation_ReadBack()
    {
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            NetworkSpec spec = NetworkSpec.Mlp(1, [2], 1, activation);
            NetworkDescription description = NetworkMapping.ToDescription(spec);

            Assert.Equal(spec, NetworkMapping.ToSpec(description));
        }
    }

    public static TheoryData<string> Damages => new("format", "no format", "no layers", "layers", "no inputs", "inputs", "no tensor", "shape", "type", "NaN", "scale");

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
            case "no layers": metadata.Remove("layers"); break;
            case "layers": metadata["layers"] = "[{\"Outputs\":-3,\"Activation\":\"tanh\"}]"; break;
            case "no inputs": metadata.Remove("inputs"); break;
            case "inputs": metadata["inputs"] = "two"; break;
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
