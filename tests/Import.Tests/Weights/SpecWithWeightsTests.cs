using System.Runtime.InteropServices;
using AdaptCluster.Formats;
using AdaptCluster.Formats.PyTorch;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Import.Tests.Support;
using AdaptCluster.Import.Weights;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Tests.Weights;

/// <summary>Weights by name.</summary>
public sealed class SpecWithWeightsTests
{
    private static readonly NetworkSpec Mlp = new(
        [new NetworkInput("x", [5])],
        [
            new LinearNode { Name = "0", Inputs = ["x"], Outputs = 16 },
            new ActivationNode { Name = "1", Inputs = ["0"], Function = Activation.Tanh },
            new LinearNode { Name = "2", Inputs = ["1"], Outputs = 8 },
            new ActivationNode { Name = "3", Inputs = ["2"], Function = Activation.GELU },
            new LinearNode { Name = "4", Inputs = ["3"], Outputs = 2 },
        ],
        "4");

    private static readonly NetworkSpec Normal = new(
        [new NetworkInput("x", [2])], [new BatchNormNode { Name = "n", Inputs = ["x"] }], "n");

    [Fact]
    public void Read_SafetensorsAndStateDictionary_GivePyTorchsOutputs()
    {
        var fixture = new Fixture("mlp");
        NetworkWeights[] networks =
        [
            SpecWithWeights.Read(Mlp, SafetensorsFile.Parse(Fixture.Read("mlp.safetensors"), "mlp.safetensors").Tensors, "mlp.safetensors"),
            SpecWithWeights.Read(Mlp, StateDictFile.Parse(Fixture.Read("mlp.pt"), "mlp.pt"), "mlp.pt"),
        ];

        Assert.All(networks, weights => Assert.InRange(Networks.Error(fixture.Doubles("outputs"), Networks.Evaluate(weights, fixture.Matrix("inputs"))), 0, 1e-12));
    }

    [Fact]
    public void Read_OtherTypesAndCounter_AreConvertedAndIgnored()
    {
        Half[] halves = [(Half)1.5, (Half)2];
        ushort[] brains = [(ushort)(BitConverter.SingleToUInt32Bits(0.5f) >> 16), 0];
        NamedTensor[] tensors =
        [
            Tensor<Half>("n.weight", ElementType.Float16, halves),
            Tensor<ushort>("n.bias", ElementType.BFloat16, brains),
            Tensor<double>("n.running_mean", ElementType.Float64, [0.25, -1]),
            Tensor<float>("n.running_var", ElementType.Float32, [1, 4]),
            new NamedTensor("n.num_batches_tracked", ElementType.Int64, [], new byte[8]),
        ];

        NetworkWeights weights = SpecWithWeights.Read(Normal, tensors, "file");

        Assert.Equal([1.5f, 2, 0.5f, 0], weights.Values);
        Assert.Equal([0.25f, -1, 1, 4], weights.FixedValues);
    }

    [Fact]
    public void Read_WhatDoesNotFit_NamesIt()
    {
        NamedTensor[] good = [.. new[] { "n.weight", "n.bias", "n.running_mean", "n.running_var" }.Select(n => Tensor<float>(n, ElementType.Float32, [1, 1]))];

        Assert.Contains("needs 'n.weight'", Problem(good[1..]), StringComparison.Ordinal);
        Assert.Contains("has 'extra'", Problem([.. good, Tensor<float>("extra", ElementType.Float32, [1])]), StringComparison.Ordinal);
        Assert.Contains("two tensors", Problem([.. good, good[0]]), StringComparison.Ordinal);
        Assert.Contains("[3], the structure's [2]", Problem([Tensor<float>("n.weight", ElementType.Float32, [1, 2, 3]), .. good[1..]]), StringComparison.Ordinal);
        Assert.Contains("not finite", Problem([Tensor<double>("n.weight", ElementType.Float64, [1, 1e300]), .. good[1..]]), StringComparison.Ordinal);
        Assert.Contains("Int64", Problem([Tensor<long>("n.weight", ElementType.Int64, [1, 2]), .. good[1..]]), StringComparison.Ordinal);
        Assert.Contains("variance", Problem([.. good[..3], Tensor<float>("n.running_var", ElementType.Float32, [-1, 1])]), StringComparison.Ordinal);
    }

    private static string Problem(NamedTensor[] tensors) => Assert.Throws<ModelFileException>(() => SpecWithWeights.Read(Normal, tensors, "file")).Message;

    private static NamedTensor Tensor<T>(string name, ElementType type, T[] values)
        where T : unmanaged => new(name, type, [values.Length], MemoryMarshal.AsBytes<T>(values).ToArray());
}
