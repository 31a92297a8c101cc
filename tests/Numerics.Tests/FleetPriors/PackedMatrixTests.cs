using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.FleetPriors;

public sealed class PackedMatrixTests
{
    // Condition numbers are below 1e3.
    private const double Tight = 1e-11;

    [Fact]
    public void FactoriseInvertSolveMultiply_EverySizeTo40_IsWhatTorchComputes()
    {
        for (int n = 1; n <= 40; n++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            var random = new SeededRandom(n);
            torch.Tensor root = torch.tensor(random.Normals(n * n), [n, n]);
            torch.Tensor matrix = torch.mm(root, root.t()).div(n) + (0.1 * torch.eye(n, dtype: torch.ScalarType.Float64));
            double[] packed = Pack(matrix);
            double[] x = random.Normals(n);
            torch.Tensor column = torch.tensor(x, [n, 1]);

            var product = new double[n];
            PackedMatrix.AddProduct(packed, x, product);
            Assert.InRange(Oracle.RelativeError(torch.mm(matrix, column).view(-1), torch.tensor(product)), 0, Tight);
            Assert.Equal(matrix.trace().item<double>(), PackedMatrix.Trace(packed, n), Tight * n);

            Assert.True(PackedMatrix.Factorise(packed, n));
            torch.Tensor factor = torch.linalg.cholesky(matrix);
            Assert.InRange(Oracle.RelativeError(torch.tensor(Pack(factor.t())), torch.tensor(packed)), 0, Tight);
            PackedMatrix.SolveForward(packed, x);
            PackedMatrix.SolveBackward(packed, x);
            Assert.InRange(Oracle.RelativeError(torch.linalg.solve(matrix, column).view(-1), torch.tensor(x)), 0, Tight);
            var inverse = new double[packed.Length];
            PackedMatrix.Invert(packed, n, new double[packed.Length], inverse);
            Assert.InRange(Oracle.RelativeError(torch.tensor(Pack(torch.linalg.inv(matrix))), torch.tensor(inverse)), 0, Tight);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Factorise_NotPositiveDefinite_IsFalse(double last) => Assert.False(PackedMatrix.Factorise([1, 0.5, last], 2));

    private static double[] Pack(torch.Tensor matrix)
    {
        int n = (int)matrix.shape[0];
        double[] all = matrix.contiguous().data<double>().ToArray();
        return [.. Enumerable.Range(0, n).SelectMany(i => Enumerable.Range(i, n - i).Select(j => all[(i * n) + j]))];
    }
}
