using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Solvers;

/// <summary>What cannot be solved ends in a status that says so, and the answer so far stays finite.</summary>
public sealed class ConjugateGradientsFailureTests
{
    private static readonly ConjugateGradientOptions Exact = new() { RelativeTolerance = 1e-10, DirectionType = torch.ScalarType.Float64 };

    public ConjugateGradientsFailureTests() => TorchRuntime.UseThreadsFor(flops: 0, most: 1);

    [Theory]
    [InlineData(double.NaN, 0)]
    [InlineData(double.NaN, 3)]
    [InlineData(double.PositiveInfinity, 2)]
    [InlineData(double.NegativeInfinity, 2)]
    [InlineData(1e300, 2)]
    [InlineData(-1e300, 1)]
    public void Step_AProductWithAWrongNumber_EndsThatColumnAlone(double wrong, int at)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var system = new LinearSystem(30, 3, 0.9, 1e-2, Seed: 1);
        torch.Tensor matrix = Systems.Matrix(system);
        torch.Tensor b = Systems.RightHandSides(system);
        foreach (IPreconditioner preconditioner in Systems.Preconditioners(system))
        {
            using var solver = new ConjugateGradients(b, preconditioner, Exact);
            while (!solver.IsDone)
            {
                torch.Tensor product = torch.mm(matrix, solver.Directions);
                int column = Array.IndexOf(solver.Active, 1);
                if (solver.Iteration >= at && column >= 0)
                {
                    product[11, column] = wrong;
                }

                solver.Step(product);
                AssertFinite(solver.Solution);
            }

            Assert.Equal(SolveStatus.Converged, solver.Columns[0].Status);
            Assert.Equal(SolveStatus.Converged, solver.Columns[2].Status);
            Assert.NotEqual(SolveStatus.Converged, solver.Columns[1].Status);
            double[] residuals = Systems.TrueResiduals(matrix, b, solver.Solution);
            Assert.InRange(residuals[0], 0, 1e-9);
            Assert.InRange(residuals[2], 0, 1e-9);
            preconditioner.Dispose();
        }
    }

    [Fact]
    public void Step_CurvatureThatIsHardlyPositive_GivesNoInfiniteStep()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor b = 1e10 * Systems.Normals(8, 2, 1);
        using var identity = new IdentityPreconditioner(8);
        using var solver = new ConjugateGradients(b, identity, Exact);
        solver.Step(solver.Directions * 1e-320);
        AssertFinite(solver.Solution);
        Assert.All(solver.Columns, column => Assert.Equal(SolveStatus.Breakdown, column.Status));
    }

    [Fact]
    public void Construction_RightHandSidesThatAreNotFinite_BreakDownAtOnce()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor b = Systems.Normals(8, 3, 1);
        b[2, 0] = double.NaN;
        b[3, 2] = double.PositiveInfinity;
        using var identity = new IdentityPreconditioner(8);
        using ConjugateGradients solver = Systems.Solve(torch.eye(8, dtype: torch.ScalarType.Float64), b, identity, Exact);
        Assert.Equal([SolveStatus.Breakdown, SolveStatus.Converged, SolveStatus.Breakdown], solver.Columns.Select(column => column.Status));
        AssertFinite(solver.Solution);
    }

    [Fact]
    public void Step_IndefiniteMatrices_BreakDownAndNeverConvergeToAWrongAnswer()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var identity = new IdentityPreconditioner(12);
        for (int seed = 0; seed < 40; seed++)
        {
            double[] spectrum = [.. Enumerable.Range(0, 12).Select(i => i < 1 + (seed % 12) ? -1.0 - i : 1.0 + i)];
            torch.Tensor matrix = Systems.WithSpectrum(spectrum, seed);
            torch.Tensor b = Systems.Normals(12, 1, seed + 100);
            using ConjugateGradients solver = Systems.Solve(matrix, b, identity, Exact);

            // A right-hand side in general position meets the negative directions before it is solved.
            Assert.Equal(SolveStatus.Breakdown, solver.Columns[0].Status);
            AssertFinite(solver.Solution);
        }
    }

    [Fact]
    public void Step_SingularMatrix_BreaksDownOrStops()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var identity = new IdentityPreconditioner(12);
        torch.Tensor b = Systems.Normals(12, 2, 1);
        using ConjugateGradients zero = Systems.Solve(torch.zeros(12, 12, dtype: torch.ScalarType.Float64), b, identity, Exact);
        Assert.All(zero.Columns, column => Assert.Equal(SolveStatus.Breakdown, column.Status));
        torch.Tensor half = Systems.WithSpectrum([.. Enumerable.Range(0, 12).Select(i => i < 6 ? 0.0 : 1.0 + i)], 2);
        using ConjugateGradients singular = Systems.Solve(half, b, identity, Exact);
        Assert.All(singular.Columns, column => Assert.NotEqual(SolveStatus.Converged, column.Status));
        AssertFinite(singular.Solution);
    }

    [Fact]
    public void Step_UntilTheLimit_SaysSo()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var system = new LinearSystem(100, 2, 0.95, 1e-4, Seed: 3);
        torch.Tensor matrix = Systems.Matrix(system);
        using var identity = new IdentityPreconditioner(100);
        using ConjugateGradients solver = Systems.Solve(matrix, Systems.RightHandSides(system), identity, Exact with { MaxIterations = 5 });
        Assert.Equal(5, solver.Iteration);
        Assert.All(solver.Columns, column => Assert.Equal(SolveStatus.IterationLimit, column.Status));
        Assert.All(solver.Columns, column => Assert.InRange(column.Relative, 1e-10, 10));
    }

    [Fact]
    public void Step_ProductsThatAreRoundedTooMuch_Stagnates()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        // Products with a relative error of 1e-3 cannot tell the directions of eigenvalues of 1e-7 from zero.
        var system = new LinearSystem(120, 2, 0.9, 1e-7, Seed: 4);
        torch.Tensor matrix = Systems.Matrix(system);
        torch.Tensor b = Systems.RightHandSides(system);
        using var identity = new IdentityPreconditioner(120);
        using var solver = new ConjugateGradients(b, identity, Exact with { Patience = 30, MaxIterations = 2_000 });
        while (!solver.IsDone)
        {
            using DisposeScope step = torch.NewDisposeScope();
            torch.Tensor product = torch.mm(matrix, solver.Directions);

            // Twelve bits, as a low precision would keep; on top of the noise, so that directions keep positive curvature.
            torch.Tensor scale = product.abs().amax([0L], keepdim: true) / 4096;
            solver.Step((product / scale).round() * scale);
            AssertFinite(solver.Solution);
        }

        Assert.All(solver.Columns, column => Assert.True(column.Status is SolveStatus.Stagnated or SolveStatus.Breakdown, $"{column.Status}"));
        Assert.Contains(solver.Columns, column => column.Status == SolveStatus.Stagnated);
    }

    private static void AssertFinite(torch.Tensor values) => Assert.All(TensorInterop.ToDoubles(values), value => Assert.True(double.IsFinite(value), $"{value}"));
}
