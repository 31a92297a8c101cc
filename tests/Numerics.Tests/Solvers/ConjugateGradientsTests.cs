using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Solvers;

public sealed class ConjugateGradientsTests
{
    private const int Samples = 60;

    // Residuals of ill-conditioned systems stay up for hundreds of steps before they fall.
    private static readonly ConjugateGradientOptions Exact = new() { RelativeTolerance = 1e-10, DirectionType = torch.ScalarType.Float64, Patience = 2_000, MaxIterations = 10_000 };

    public ConjugateGradientsTests() => TorchRuntime.UseThreadsFor(flops: 0, most: 1);

    [Fact]
    public void Solution_GeneratedSystems_IsTheDenseSolutionWithEveryPreconditioner() => Systems.ForAll(
        system =>
        {
            torch.Tensor matrix = Systems.Matrix(system);
            torch.Tensor b = Systems.RightHandSides(system);
            torch.Tensor expected = torch.linalg.solve(matrix, b);
            foreach (IPreconditioner preconditioner in Systems.Preconditioners(system))
            {
                using ConjugateGradients solver = Systems.Solve(matrix, b, preconditioner, Exact);
                Assert.All(solver.Columns, column => Assert.Equal(SolveStatus.Converged, column.Status));

                // The recurrence's residual drifts from the true one by roundings of 1e-16 per step times |A| |x|, which is at most |b| over the noise.
                double drift = 1e-15 * solver.Iteration / system.Noise;
                Assert.All(Systems.TrueResiduals(matrix, b, solver.Solution), r => Assert.InRange(r, 0, 1.01e-10 + drift));

                // |x - x*| <= |r| / smallest eigenvalue.
                double bound = 1.01 * (1e-10 + drift) * b.norm().item<double>() / system.Noise;
                Assert.InRange((solver.Solution - expected).norm().item<double>(), 0, bound + (1e-15 / system.Noise * expected.norm().item<double>()));
                preconditioner.Dispose();
            }
        },
        Samples);

    [Fact]
    public void Step_DirectionsInSinglePrecision_ConvergeToTheTolerance() => Systems.ForAll(
        system =>
        {
            torch.Tensor matrix = Systems.Matrix(system);
            torch.Tensor b = Systems.RightHandSides(system);
            foreach (IPreconditioner preconditioner in Systems.Preconditioners(system))
            {
                using ConjugateGradients solver = Systems.Solve(matrix, b, preconditioner, Exact with { RelativeTolerance = 1e-9, DirectionType = torch.ScalarType.Float32 });
                Assert.Equal(torch.ScalarType.Float32, solver.Directions.dtype);
                Assert.All(solver.Columns, column => Assert.Equal(SolveStatus.Converged, column.Status));

                // The direction of the recurrence is the one that was multiplied, so its rounding is no error: the residual stays the true one.
                Assert.All(Systems.TrueResiduals(matrix, b, solver.Solution), r => Assert.InRange(r, 0, 1.01e-9 + (1e-15 * solver.Iteration / system.Noise)));
                preconditioner.Dispose();
            }
        },
        Samples);

    [Fact]
    public void Step_ColumnsThatConvergeAtDifferentTimes_LeaveTheBlockWithTheirAnswers()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var system = new LinearSystem(40, 1, 0.8, 1e-3, Seed: 5);
        torch.Tensor matrix = Systems.Matrix(system);
        (_, torch.Tensor vectors) = torch.linalg.eigh(matrix);

        // One eigenvector takes one step, the sum of three takes three, any vector many; a zero takes none.
        torch.Tensor b = torch.cat([Systems.Normals(40, 1, 1), vectors.narrow(1, 7, 1), torch.zeros(40, 1, dtype: torch.ScalarType.Float64), vectors.narrow(1, 35, 3).sum(dim: 1).view(-1, 1)], dim: 1);
        using var identity = new IdentityPreconditioner(40);
        using var solver = new ConjugateGradients(b, identity, Exact);
        Assert.Equal([0, 1, 3], solver.Active);
        Assert.Equal(SolveStatus.Converged, solver.Columns[2].Status);
        Systems.Continue(solver, matrix, steps: 1);
        Assert.Equal([0, 3], solver.Active);
        Assert.Equal(2, solver.Directions.shape[1]);
        Systems.Continue(solver, matrix, steps: 2);
        Assert.Equal([0], solver.Active);
        Systems.Continue(solver, matrix);
        Assert.True(solver.IsDone);
        Assert.Equal(new[] { solver.Iteration, 1, 0, 3 }, solver.Columns.Select(column => column.Steps.Count));
        Assert.InRange(Oracle.RelativeError(torch.linalg.solve(matrix, b), solver.Solution), 0, 1e-7);
        Assert.Equal(0, solver.Solution.select(1, 2).abs().max().item<double>());
    }

    [Fact]
    public void Step_OneBlockOrColumnByColumn_FindsTheSameAnswers()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var system = new LinearSystem(50, 4, 0.9, 1e-3, Seed: 6);
        torch.Tensor matrix = Systems.Matrix(system);
        torch.Tensor b = Systems.RightHandSides(system);
        using var identity = new IdentityPreconditioner(50);
        using ConjugateGradients block = Systems.Solve(matrix, b, identity, Exact);
        for (int j = 0; j < 4; j++)
        {
            using ConjugateGradients alone = Systems.Solve(matrix, b.narrow(1, j, 1), identity, Exact);

            // Roundings that differ cost a step or two in a hundred.
            Assert.InRange(Math.Abs(block.Columns[j].Steps.Count - alone.Columns[0].Steps.Count), 0, 5);

            // Two solutions within the tolerance of 1e-10 times the condition number of 1e3.
            Assert.InRange(Oracle.RelativeError(alone.Solution, block.Solution.narrow(1, j, 1)), 0, 1e-6);
        }
    }

    [Theory]
    [InlineData(1e-2)]
    [InlineData(1e-4)]
    [InlineData(1e-6)]
    public void Iterations_KernelLikeSpectrum_AreFewerWithAPreconditioner(double noise)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var system = new LinearSystem(200, 2, 0.85, noise, Seed: 7);
        torch.Tensor matrix = Systems.Matrix(system);
        torch.Tensor b = Systems.RightHandSides(system);
        int[] iterations = [.. Systems.Preconditioners(system).Select(preconditioner =>
        {
            using ConjugateGradients solver = Systems.Solve(matrix, b, preconditioner, Exact with { RelativeTolerance = 1e-6 });
            Assert.All(solver.Columns, column => Assert.Equal(SolveStatus.Converged, column.Status));
            preconditioner.Dispose();
            return solver.Iteration;
        })];
        Assert.InRange(iterations[1], 1, 2 * iterations[0] / 3);
        Assert.InRange(iterations[2], 1, iterations[0] / 2);
    }

    [Fact]
    public void ErrorTolerance_WhenGiven_HoldsBackAColumnWhoseErrorIsLarge()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var system = new LinearSystem(60, 1, 0.9, 1e-5, Seed: 8);
        torch.Tensor matrix = Systems.Matrix(system);
        torch.Tensor b = Systems.RightHandSides(system);
        using IPreconditioner exact = new CholeskyPreconditioner(matrix.clone());
        using var identity = new IdentityPreconditioner(60);
        using ConjugateGradients loose = Systems.Solve(matrix, b, identity, Exact with { RelativeTolerance = 0.3 });
        using ConjugateGradients held = Systems.Solve(matrix, b, exact, Exact with { RelativeTolerance = 0.3, ErrorTolerance = 1e-6 });
        torch.Tensor expected = torch.linalg.solve(matrix, b);
        Assert.True((loose.Solution - expected).norm().item<double>() > 1);
        Assert.InRange((held.Solution - expected).norm().item<double>(), 0, 1.01e-6);
        Assert.InRange(held.Columns[0].Error, 0, 1e-6);
    }

    [Fact]
    public void RightHandSides_OfAnyLayout_AreCopiedAndLeftAlone()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var system = new LinearSystem(30, 3, 0.9, 1e-2, Seed: 9);
        torch.Tensor matrix = Systems.Matrix(system);
        torch.Tensor b = Systems.RightHandSides(system);
        torch.Tensor columnMajor = b.t().contiguous().t();
        using var identity = new IdentityPreconditioner(30);
        using ConjugateGradients rows = Systems.Solve(matrix, b, identity, Exact);
        using ConjugateGradients columns = Systems.Solve(matrix, columnMajor, identity, Exact);
        Assert.Equal(TensorInterop.ToDoubles(rows.Solution), TensorInterop.ToDoubles(columns.Solution));
        Assert.Equal(TensorInterop.ToDoubles(Systems.RightHandSides(system)), TensorInterop.ToDoubles(columnMajor));
    }

    [Fact]
    public void Everything_WhenDisposed_LeavesNoTensorBehind()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var system = new LinearSystem(20, 3, 0.7, 1e-2, Seed: 10);
        torch.Tensor matrix = Systems.Matrix(system);
        torch.Tensor b = Systems.RightHandSides(system);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (DisposeScope inner = torch.NewDisposeScope())
        {
            foreach (IPreconditioner preconditioner in Systems.Preconditioners(system))
            {
                using ConjugateGradients solver = Systems.Solve(matrix, b, preconditioner, Exact);
                preconditioner.Dispose();
            }
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        // Without a scope that would clean up after it.
        using torch.Tensor ownB = b.clone().DetachFromDisposeScope();
        using torch.Tensor ownA = matrix.clone().DetachFromDisposeScope();
        using var identity = new IdentityPreconditioner(20);
        Detached(() =>
        {
            using var solver = new ConjugateGradients(ownB, identity, Exact);
            while (!solver.IsDone)
            {
                using torch.Tensor product = torch.mm(ownA, solver.Directions);
                solver.Step(product);
            }
        });
    }

    // On a thread of its own, where no scope is open.
    private static void Detached(Action body)
    {
        long leaked = -1;
        var thread = new Thread(() =>
        {
            long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            body();
            leaked = DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        });
        thread.Start();
        thread.Join();
        Assert.Equal(0, leaked);
    }
}
