using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace AdaptCluster.Grains.Tests.Tensors;

public sealed class TensorPayloadTests : IDisposable
{
    private static readonly Gen<TensorPayload> Payloads =
        from type in Gen.Bool.Select(wide => wide ? TensorElementType.Float64 : TensorElementType.Float32)
        from shape in Gen.Int[0, 4].Array[0, 5]
        from data in Gen.Byte.Array[shape.Aggregate(1, (count, length) => count * length) * (type == TensorElementType.Float32 ? 4 : 8)]
        select new TensorPayload(type, shape, data);

    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    private Serializer Serializer => _services.GetRequiredService<Serializer>();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void RoundTrip_AnyPayload_SameTypeShapeAndBytes() => Payloads.Sample(payload =>
        AssertSame(payload, Serializer.Deserialize<TensorPayload>(Serializer.SerializeToArray(payload))!));

    [Fact]
    public void RoundTrip_PayloadsAndNullWithinARecord_SameAndSharedOnes() => Gen.Select(Payloads, Payloads).Sample((first, second) =>
    {
        var sent = new PredictionResult
        {
            Mean = first,
            LatentVariance = second,
            NoiseVariance = first,
            SourceMean = first,
            SourceNoiseVariance = second,
            JointCovariance = null,
            Version = 3,
            PriorVersion = 2,
            Exact = true,
        };

        PredictionResult back = Serializer.Deserialize<PredictionResult>(Serializer.SerializeToArray(sent))!;

        AssertSame(first, back.Mean);
        AssertSame(second, back.LatentVariance);
        Assert.Same(back.Mean, back.NoiseVariance);
        Assert.Same(back.LatentVariance, back.SourceNoiseVariance);
        Assert.Null(back.JointCovariance);
        Assert.Equal((3, 2, true), (back.Version, back.PriorVersion, back.Exact));
    });

    [Fact]
    public void Serialize_OneMegabyte_LittleMoreThanItsBytes()
    {
        var payload = new TensorPayload(TensorElementType.Float64, [1 << 10, 1 << 7], new byte[1 << 20]);

        Assert.InRange(Serializer.SerializeToArray(payload).Length, 1 << 20, (1 << 20) + 64);
    }

    [Fact]
    public void DeepCopy_Payload_TheSameInstance()
    {
        TensorPayload payload = TensorPayload.FromVector([1, 2, 3]);

        Assert.Same(payload, _services.GetRequiredService<DeepCopier>().Copy(payload));
    }

    [Theory]
    [InlineData(8, 3)]
    [InlineData(7, 1)]
    [InlineData(0, 1)]
    [InlineData(0, -1)]
    [InlineData(0, -1, 0)]
    [InlineData(0, 0, -1)]
    [InlineData(0, int.MaxValue, int.MaxValue, int.MaxValue, 0, -3)]
    [InlineData(16, int.MaxValue, int.MaxValue)]
    [InlineData(0, 1 << 30, 1 << 30, 16)]
    [InlineData(0, int.MaxValue, int.MaxValue, 1 << 30, 1 << 30)]
    [InlineData(8, -1, -1)]
    [InlineData(8, 1, 1, 1, 1, 1, 1, 1, 1, 1)]
    public void New_ShapeThatDoesNotFitTheBytes_Refused(int bytes, params int[] shape)
    {
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => new TensorPayload(TensorElementType.Float64, shape, new byte[bytes]));

        Assert.Equal("tensor", error.Input);
    }

    [Fact]
    public void New_BytesMissing_SaysHowMany() => Assert.Equal(
        "tensor: 8 bytes of Float64 do not make a tensor of shape [1, 3]; send the bytes of exactly that many elements.",
        Assert.Throws<InvalidInputException>(() => new TensorPayload(TensorElementType.Float64, [1, 3], new byte[8])).Message);

    [Fact]
    public void ToSingles_Doubles_Refused() => Assert.Equal(
        "tensor: its elements are Float64, not Float32; send Float32.",
        Assert.Throws<InvalidInputException>(() => TensorPayload.FromMatrix([1], 1, 1).ToSingles()).Message);

    [Fact]
    public void FromMatrix_AndBack_SameNumbers() => Gen.Double.Array[6].Sample(values =>
        Assert.Equal(
            values.Select(BitConverter.DoubleToInt64Bits),
            TensorPayload.FromMatrix(values, 2, 3).ToDoubles().Select(BitConverter.DoubleToInt64Bits)));

    private static void AssertSame(TensorPayload expected, TensorPayload actual)
    {
        Assert.Equal(expected.ElementType, actual.ElementType);
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Assert.Equal(expected.Data.ToArray(), actual.Data.ToArray());
    }
}
