using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Solvers;

public sealed class LanczosTests
{
    public LanczosTests() => TorchRuntime.UseThreadsFor(flops: 0, most: 1);

    [Fact]
    public void Basis_GeneratedSystems_IsOrthonormalAndTridiagonalisesTheMatrix() => Systems.ForAll(
        system =>
        {
            torch.Tensor matrix = Systems.Matrix(system);
            torch.Tensor starts = Systems.RightHandSides(system);
            using Lanczos run = Run(matrix, starts, Math.Max(1, system.Size * 2 / 3));
            for (int j = 0; j < system.Columns; j++)
            {
                LanczosColumn column = run.Columns[j];
                torch.Tensor basis = run.Basis(j);
                int m = column.Diagonal.Count;

                // Full reorthogonalisation keeps the basis to roundings; T then is Q^T A Q.
                Assert.InRange((torch.mm(basis.t(), basis) - torch.eye(m, dtype: torch.ScalarType.Float64)).abs().max().item<double>(), 0, 1e-12);
                Assert.InRange(Oracle.RelativeError(Matrix(column), torch.mm(basis.t(), torch.mm(matrix, basis))), 0, 1e-11);
                Assert.InRange(Oracle.RelativeError(starts.narrow(1, j, 1), column.Norm * basis.narrow(1, 0, 1)), 0, 1e-14);
            }
        },
        samples: 40);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    public void Step_StartInAnInvariantSpace_EndsWhenItIsExhausted(int dimension)
    {
        using DisposeScope scope = torch.NewDisposeScope();

        // A diagonal matrix: what is zero in the start stays so to the last bit.
        torch.Tensor matrix = torch.diag(torch.linspace(1, 30, 30, dtype: torch.ScalarType.Float64));
        torch.Tensor start = torch.cat([matrix.narrow(1, 4, dimension).sum(dim: 1).sign().view(-1, 1), Systems.Normals(30, 1, 1), torch.zeros(30, 1, dtype: torch.ScalarType.Float64)], dim: 1);
        using Lanczos run = Run(matrix, start, 10);
        Assert.Equal([SolveStatus.Converged, SolveStatus.IterationLimit, SolveStatus.Converged], run.Columns.Select(column => column.Status));
        Assert.Equal([dimension, 10, 0], run.Columns.Select(column => column.Diagonal.Count));
        Assert.Equal([dimension - 1, 10, 0], run.Columns.Select(column => column.OffDiagonal.Count));
        Assert.InRange(Oracle.RelativeError(torch.linspace(5, 4 + dimension, dimension, dtype: torch.ScalarType.Float64), torch.linalg.eigvalsh(Matrix(run.Columns[0]))), 0, 1e-10);
    }

    [Fact]
    public void Step_AProductThatIsNotFinite_EndsThatColumnAlone()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor matrix = Systems.WithSpectrum([.. Enumerable.Range(0, 20).Select(i => 1.0 + i)], 3);
        torch.Tensor starts = Systems.Normals(20, 2, 1);
        using Lanczos expected = Run(matrix, starts, 8);
        using var run = new Lanczos(starts, 8);
        while (!run.IsDone)
        {
            torch.Tensor product = torch.mm(matrix, run.Directions);
            if (run.Steps == 3)
            {
                product[2, 0] = double.NaN;
            }

            run.Step(product);
        }

        Assert.Equal(SolveStatus.Breakdown, run.Columns[0].Status);
        Assert.Equal(expected.Columns[0].Diagonal.Take(3), run.Columns[0].Diagonal);
        Assert.Equal(expected.Columns[1].Diagonal, run.Columns[1].Diagonal);
        using var broken = new Lanczos(starts * double.NaN, 8);
        Assert.True(broken.IsDone);
        Assert.Contains("Breakdown", Assert.Throws<ArgumentException>(() => new LanczosSpectrum(broken.Columns[0])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void InverseQuadratic_AGridOfShifts_IsTheDenseFormFromOneRun() => Systems.ForAll(
        system =>
        {
            torch.Tensor matrix = Systems.Kernel(system);
            torch.Tensor r = Systems.RightHandSides(system).narrow(1, 0, 1);
            using Lanczos run = Run(matrix, r, system.Size);
            var spectrum = new LanczosSpectrum(run.Columns[0]);
            for (double shift = 1e-4; shift < 1e3; shift *= 7)
            {
                torch.Tensor shifted = matrix + (shift * torch.eye(system.Size, dtype: torch.ScalarType.Float64));
                double expected = torch.mm(r.t(), torch.linalg.solve(shifted, r)).item<double>();

                // Roundings of 1e-15 in A are 1e-11 of the smallest shift.
                Assert.Equal(1, spectrum.InverseQuadratic(shift) / expected, 1e-8);
            }

            Assert.Throws<ArgumentOutOfRangeException>(() => spectrum.InverseQuadratic(0));
            Assert.Throws<ArgumentOutOfRangeException>(() => spectrum.LogQuadratic(double.NaN));
        },
        samples: 30);

    [Fact]
    public void InverseQuadratic_StepByStep_GrowsTowardsTheTrueValue()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var system = new LinearSystem(60, 1, 0.9, 1e-3, Seed: 4);
        torch.Tensor matrix = Systems.Kernel(system);
        torch.Tensor r = Systems.RightHandSides(system);
        foreach (double shift in new[] { 1e-3, 0.1, 10 })
        {
            torch.Tensor shifted = matrix + (shift * torch.eye(60, dtype: torch.ScalarType.Float64));
            double expected = torch.mm(r.t(), torch.linalg.solve(shifted, r)).item<double>();
            double last = 0;
            for (int steps = 1; steps <= 60; steps += 3)
            {
                using Lanczos run = Run(matrix, r, steps);
                double value = new LanczosSpectrum(run.Columns[0]).InverseQuadratic(shift);
                Assert.InRange(value, last * (1 - 1e-12), expected * (1 + 1e-9));
                last = value;
            }

            Assert.Equal(1, last / expected, 1e-6);
        }
    }

    [Fact]
    public void LogDeterminant_AGridOfShifts_IsWithinItsStandardErrorsFromOneRunPerProbe()
    {
        int far = 0;
        int all = 0;
        Systems.ForAllFixed(
            system =>
            {
                torch.Tensor matrix = Systems.Kernel(system);
                using Lanczos run = Run(matrix, Systems.Normals(system.Size, 30, system.Seed + 3), system.Size);
                LanczosSpectrum[] probes = [.. run.Columns.Select(column => new LanczosSpectrum(column))];
                for (double shift = 1e-4; shift < 1e2; shift *= 20)
                {
                    double expected = Systems.LogDeterminant(matrix + (shift * torch.eye(system.Size, dtype: torch.ScalarType.Float64)));
                    (double value, double error) = LanczosSpectrum.LogDeterminant(probes, shift);
                    Assert.InRange(Math.Abs(value - expected), 0, 6 * error);
                    far += Math.Abs(value - expected) > 3 * error ? 1 : 0;
                    all++;
                }
            },
            samples: 30);

        // Three standard errors of 30 probes are passed once in 180 times; the shifts of a system share their probes.
        Assert.InRange(far, 0, all / 15);
    }

    [Fact]
    public void Everything_WhenDisposed_LeavesNoTensorBehind()
    {
        using torch.Tensor matrix = torch.eye(6, dtype: torch.ScalarType.Float64);
        using torch.Tensor starts = torch.ones(6, 2, dtype: torch.ScalarType.Float64);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var run = new Lanczos(starts, 3))
        {
            while (!run.IsDone)
            {
                using torch.Tensor product = torch.mm(matrix, run.Directions);
                run.Step(product);
            }

            using torch.Tensor basis = run.Basis(1);
            Assert.Equal(before + 3, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Lanczos Run(torch.Tensor matrix, torch.Tensor starts, int maxSteps)
    {
        var run = new Lanczos(starts, maxSteps);
        while (!run.IsDone)
        {
            run.Step(torch.mm(matrix, run.Directions));
        }

        return run;
    }

    private static torch.Tensor Matrix(LanczosColumn column)
    {
        int m = column.Diagonal.Count;
        torch.Tensor matrix = torch.diag(torch.tensor(column.Diagonal.ToArray()));
        for (int i = 0; i + 1 < m; i++)
        {
            matrix[i, i + 1] = column.OffDiagonal[i];
            matrix[i + 1, i] = column.OffDiagonal[i];
        }

        return matrix;
    }
}
