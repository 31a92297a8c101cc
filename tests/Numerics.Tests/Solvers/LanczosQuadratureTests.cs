using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Solvers;

public sealed class LanczosQuadratureTests
{
    private const int Probes = 24;
    private static readonly ConjugateGradientOptions Exact = new() { RelativeTolerance = 1e-8, DirectionType = torch.ScalarType.Float64, Patience = 2_000, MaxIterations = 10_000 };

    public LanczosQuadratureTests() => TorchRuntime.UseThreadsFor(flops: 0, most: 1);

    [Fact]
    public void LogQuadratic_ProbesFromThePreconditioner_EstimateTheLogDeterminant()
    {
        int far = 0;
        int all = 0;
        Systems.ForAllFixed(
            system =>
            {
                torch.Tensor matrix = Systems.Matrix(system);
                double expected = Systems.LogDeterminant(matrix);
                foreach (IPreconditioner preconditioner in Systems.Preconditioners(system))
                {
                    torch.Tensor probes = preconditioner.Sample(Systems.Normals(preconditioner.NormalsPerSample, Probes, system.Seed + 9));
                    using ConjugateGradients solver = Systems.Solve(matrix, probes, preconditioner, Exact);
                    double[] values = [.. solver.Columns.Select(column => preconditioner.LogDeterminant + LanczosQuadrature.LogQuadratic(column))];
                    double error = Math.Abs(values.Average() - expected);
                    double deviation = Math.Sqrt(values.Sum(v => Math.Pow(v - values.Average(), 2)) / (Probes - 1) / Probes);

                    // Where the preconditioner is the matrix, all probes say the same and only roundings are left.
                    far += error > (3 * deviation) + 1e-7 ? 1 : 0;
                    all++;
                    Assert.InRange(error, 0, (6 * deviation) + 1e-7);
                    preconditioner.Dispose();
                }
            },
            samples: 30);

        // Three deviations of 24 probes are passed once in 160 times: in 90 estimates 4 times with a chance of 1 in 400.
        Assert.InRange(far, 0, all / 18);
    }

    [Fact]
    public void LogQuadratic_AProbe_IsItsQuadraticForm()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var system = new LinearSystem(40, 3, 0.8, 1e-3, Seed: 2);
        torch.Tensor matrix = Systems.Matrix(system);
        torch.Tensor b = Systems.RightHandSides(system);
        using var identity = new IdentityPreconditioner(40);
        using ConjugateGradients solver = Systems.Solve(matrix, b, identity, Exact);
        (torch.Tensor values, torch.Tensor vectors) = torch.linalg.eigh(matrix);
        torch.Tensor expected = (torch.mm(vectors.t(), b).square() * values.log().view(-1, 1)).sum(dim: 0);
        for (int j = 0; j < 3; j++)
        {
            Assert.Equal(expected[j].item<double>(), LanczosQuadrature.LogQuadratic(solver.Columns[j]), 1e-6 * Math.Abs(expected[j].item<double>()));
        }
    }

    [Fact]
    public void LogQuadratic_NoStepOrAZero_IsNothing()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var identity = new IdentityPreconditioner(5);
        using var solver = new ConjugateGradients(torch.zeros(5, 1, dtype: torch.ScalarType.Float64), identity, Exact);
        Assert.Equal(0, LanczosQuadrature.LogQuadratic(solver.Columns[0]));
        Assert.True(double.IsNaN(LanczosQuadrature.SmallestEigenvalue(solver.Columns[0])));
    }

    [Fact]
    public void SmallestEigenvalue_ConvergedColumns_IsNearTheTrueOneOrBelow() => Systems.ForAllFixed(
        system =>
        {
            torch.Tensor matrix = Systems.Matrix(system);
            using var identity = new IdentityPreconditioner(system.Size);
            using ConjugateGradients solver = Systems.Solve(matrix, Systems.RightHandSides(system), identity, Exact with { RelativeTolerance = 1e-11 });
            double smallest = torch.linalg.eigvalsh(matrix).min().item<double>();
            foreach (CgColumn column in solver.Columns)
            {
                // One of a cluster of eigenvalues may be taken for the smallest.
                Assert.InRange(LanczosQuadrature.SmallestEigenvalue(column), 0, 1.1 * smallest);
            }
        },
        samples: 40);

    [Fact]
    public void SmallestEigenvalue_OneThatTheRightHandSideHardlyShows_MayBeAbove()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        // It names an eigenvalue near the smallest Ritz value; no method sees more of the spectrum than the right-hand side does.
        torch.Tensor matrix = torch.diag(torch.cat([torch.full([1], 0.01, dtype: torch.ScalarType.Float64), torch.linspace(1, 1.5, 49, dtype: torch.ScalarType.Float64)], dim: 0));
        torch.Tensor b = torch.ones(50, 1, dtype: torch.ScalarType.Float64);
        b[0, 0] = 1e-3;
        using var identity = new IdentityPreconditioner(50);
        using ConjugateGradients solver = Systems.Solve(matrix, b, identity, Exact with { RelativeTolerance = 1e-2 });
        double named = LanczosQuadrature.SmallestEigenvalue(solver.Columns[0]);
        Assert.Equal(SolveStatus.Converged, solver.Columns[0].Status);
        Assert.InRange(named, 0.5, 1.5);
    }
}
