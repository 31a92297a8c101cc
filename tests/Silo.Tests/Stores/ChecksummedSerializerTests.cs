using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Silo.Stores;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace AdaptCluster.Silo.Tests.Stores;

public sealed class ChecksummedSerializerTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();
    private readonly ChecksummedSerializer _serializer;

    public ChecksummedSerializerTests() =>
        _serializer = new ChecksummedSerializer(_services.GetRequiredService<Serializer>());

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Deserialize_WhatWasWritten_Same() => Gen.String[0, 50].Array[0, 5].Sample(names =>
    {
        var state = new InputSchema([.. names.Select(name => new InputColumn(name, []))]);

        InputSchema back = _serializer.Deserialize<InputSchema>(_serializer.Serialize(state))!;

        Assert.Equal(state.Columns.Select(column => column.Name), back.Columns.Select(column => column.Name));
    });

    [Fact]
    public void Deserialize_AnyBitFlipped_Damaged()
    {
        byte[] record = _serializer.Serialize(InputSchema.Numeric("height", "weight")).ToArray();
        for (int bit = 0; bit < 8 * record.Length; bit++)
        {
            byte[] flipped = [.. record];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));

            AssertDamaged(flipped);
        }
    }

    [Fact]
    public void Deserialize_CutOffAnywhereOrLonger_Damaged()
    {
        byte[] record = _serializer.Serialize(InputSchema.Numeric("height", "weight")).ToArray();
        for (int length = 0; length < record.Length; length++)
        {
            AssertDamaged(record[..length]);
        }

        AssertDamaged([.. record, 0]);
    }

    [Fact]
    public void Deserialize_FormatOfALaterVersion_SaysSo()
    {
        byte[] record = _serializer.Serialize(InputSchema.Numeric("x")).ToArray();
        record[0] = 2;
        BitConverter.GetBytes(System.IO.Hashing.XxHash3.HashToUInt64(record.AsSpan(0, record.Length - 8))).CopyTo(record, record.Length - 8);

        StoreException error = Assert.Throws<StoreException>(() => _serializer.Deserialize<InputSchema>(new BinaryData(record)));

        Assert.Equal("a record in the store has format 2, this version reads 1; use the version that wrote it.", error.Message);
    }

    private void AssertDamaged(byte[] record)
    {
        StoreException error = Assert.Throws<StoreException>(() => _serializer.Deserialize<InputSchema>(new BinaryData(record)));
        Assert.Equal("a record in the store is damaged (its checksum differs); restore the store from a backup.", error.Message);
        Assert.False(error.IsRetryable);
    }
}
