using System.Security.Cryptography;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tensors;

namespace AdaptCluster.Grains.Tests.Tensors;

public sealed class StagedRowsTests
{
    [Theory]
    [InlineData(TensorElementType.Float32)]
    [InlineData(TensorElementType.Float64)]
    public void FromBytes_WhatWasWritten_SamePayload(TensorElementType type)
    {
        int size = type == TensorElementType.Float32 ? 4 : 8;
        var payload = new TensorPayload(type, [2, 3], [.. Enumerable.Range(0, 6 * size).Select(i => (byte)i)]);

        TensorPayload back = StagedRows.FromBytes(StagedRows.ToBytes(payload));

        Assert.Equal(type, back.ElementType);
        Assert.Equal([2, 3], back.Shape.ToArray());
        Assert.Equal(payload.Data.ToArray(), back.Data.ToArray());
    }

    // Observations and parts of uploads are named by their hash: the writer must not change by a byte. Written by the version
    // before this test.
    [Fact]
    public void ToBytes_AnyVersion_SameContentHash() => Assert.Equal(
        "f62f83b510f9daf5579e92a93d476cf5e9666f33f253081af71bdec48a4f8ffa", Convert.ToHexStringLower(SHA256.HashData(StagedRows.ToBytes(TensorPayload.FromMatrix([1, 2, 3, 4.5, -5, 0], 3, 2)))));
}
