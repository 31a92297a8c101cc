using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace AdaptCluster.Grains.Tests.Solves;

[Collection(nameof(SharedSilo))]
public sealed class SolvePayloadTests(SharedSilo shared)
{
    private Serializer Serializer => shared.Silo.Silo.Services.GetRequiredService<Serializer>();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4_096)]
    [InlineData(3_000_001)]
    public void RoundTrip_AnyLength_SameBytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(7).NextBytes(bytes);
        var reply = new ShardReply(ShardReplyStatus.Answered, 1, length, 2.5, SolvePayload.Of(bytes));

        ShardReply back = Serializer.Deserialize<ShardReply>(Serializer.SerializeToArray(reply))!;

        Assert.Equal(length, back.Payload.Length);
        Assert.True(back.Payload.Bytes.SequenceEqual(bytes), "the bytes differ");
        Assert.Equal((reply.Status, reply.Parts, reply.TotalBytes, reply.DeviceMilliseconds), (back.Status, back.Parts, back.TotalBytes, back.DeviceMilliseconds));
    }

    [Fact]
    public void RoundTrip_SameInstanceTwice_OneInstance()
    {
        SolvePayload payload = SolvePayload.Of(new byte[] { 1, 2, 3 });

        (SolvePayload one, SolvePayload other) = Serializer.Deserialize<(SolvePayload, SolvePayload)>(Serializer.SerializeToArray((payload, payload)));

        Assert.Same(one, other);
    }

    [Fact]
    public void Release_Received_NoBytesAnyMoreAndHarmlessTwice()
    {
        SolvePayload received = Serializer.Deserialize<SolvePayload>(Serializer.SerializeToArray(SolvePayload.Of(new byte[] { 1, 2, 3 })))!;

        received.Release();
        received.Release();

        Assert.Throws<ObjectDisposedException>(() => received.Bytes.Length);
    }

    [Fact]
    public void Release_Borrowed_StaysAsItIs()
    {
        SolvePayload borrowed = SolvePayload.Of(new byte[] { 1, 2, 3 });

        borrowed.Release();

        Assert.Equal([1, 2, 3], borrowed.Bytes.ToArray());
    }

    [Fact]
    public void Serialize_LongerThanAMessageMayBe_Refused()
    {
        SolvePayload payload = SolvePayload.Of(new byte[SolvePayloadCodec.MaxBytes + 1]);

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => Serializer.SerializeToArray(payload));

        Assert.Contains("must be cut into parts", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deserialize_DamagedLength_Refused()
    {
        byte[] bytes = Serializer.SerializeToArray(SolvePayload.Of(new byte[300]));

        for (int i = 0; i < 12; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= 0x7c;

            // Whatever it is taken for, it is not read beyond its end.
            Exception? error = Record.Exception(() => Serializer.Deserialize<SolvePayload>(damaged));
            Assert.True(error is null or not (OutOfMemoryException or AccessViolationException), error?.ToString());
        }
    }
}
