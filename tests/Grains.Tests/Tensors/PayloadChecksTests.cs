using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tensors;

namespace AdaptCluster.Grains.Tests.Tensors;

public sealed class PayloadChecksTests
{
    [Fact]
    public void RequireMatrix_Fits_ItsNumbers() =>
        Assert.Equal([1.0, 2, 3, 4, 5, 6], PayloadChecks.RequireMatrix(TensorPayload.FromMatrix([1, 2, 3, 4, 5, 6], 2, 3), "inputs", 3, 2));

    [Fact]
    public void RequireMatrix_WrongWidth_Refused() => Refused(
        TensorPayload.FromMatrix([1, 2, 3, 4, 5, 6], 2, 3), 2, null, "inputs: their shape is [2, 3]; send [rows, 2] with at least one row.");

    [Fact]
    public void RequireMatrix_WrongRows_Refused() => Refused(
        TensorPayload.FromMatrix([1, 2, 3, 4, 5, 6], 2, 3), 3, 4, "inputs: their shape is [2, 3]; send [4, 3] with at least one row.");

    [Fact]
    public void RequireMatrix_NoRows_Refused() => Refused(
        TensorPayload.FromMatrix([], 0, 3), 3, null, "inputs: their shape is [0, 3]; send [rows, 3] with at least one row.");

    [Fact]
    public void RequireMatrix_Vector_Refused() => Refused(
        new TensorPayload(TensorElementType.Float64, [3], new byte[24]), 3, null, "inputs: their shape is [3]; send [rows, 3] with at least one row.");

    [Fact]
    public void RequireMatrix_Singles_Refused() => Refused(
        new TensorPayload(TensorElementType.Float32, [1, 1], new byte[4]), 1, null, "tensor: its elements are Float32, not Float64; send Float64.");

    [Theory]
    [InlineData(0, double.NaN, "inputs: row 0 (from 0), column 0 is NaN; send finite numbers.")]
    [InlineData(5, double.PositiveInfinity, "inputs: row 1 (from 0), column 2 is Infinity; send finite numbers.")]
    public void RequireMatrix_NotFinite_RefusedWithThePlace(int at, double value, string message)
    {
        double[] values = [1, 2, 3, 4, 5, 6];
        values[at] = value;

        Refused(TensorPayload.FromMatrix(values, 2, 3), 3, null, message);
    }

    private static void Refused(TensorPayload payload, int width, int? rows, string message) => Assert.Equal(
        message, Assert.Throws<InvalidInputException>(() => PayloadChecks.RequireMatrix(payload, "inputs", width, rows)).Message);
}
