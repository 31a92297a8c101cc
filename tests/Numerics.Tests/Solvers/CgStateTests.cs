using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Solvers;

public sealed class CgStateTests
{
    public CgStateTests() => TorchRuntime.UseThreadsFor(flops: 0, most: 1);

    [Theory]
    [InlineData(torch.ScalarType.Float32)]
    [InlineData(torch.ScalarType.Float64)]
    public void Resume_FromBytesAfterAnyStep_GoesOnWithTheSameBits(torch.ScalarType directions)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var system = new LinearSystem(37, 4, 0.85, 1e-3, Seed: 2);
        torch.Tensor matrix = Systems.Matrix(system);
        torch.Tensor b = Systems.RightHandSides(system);

        // One column that leaves early, so that the active ones are not all.
        b.select(1, 1).copy_(torch.mm(matrix, matrix).select(1, 0) * 1e-3);
        b.select(1, 2).zero_();
        var options = new ConjugateGradientOptions { RelativeTolerance = 1e-8, DirectionType = directions };
        foreach (IPreconditioner preconditioner in Systems.Preconditioners(system))
        {
            using ConjugateGradients whole = Systems.Solve(matrix, b, preconditioner, options);
            for (int stop = 0; stop < whole.Iteration; stop += 3)
            {
                using var first = new ConjugateGradients(b, preconditioner, options);
                Systems.Continue(first, matrix, stop);
                using ConjugateGradients second = ConjugateGradients.Resume(ThroughBytes(first), preconditioner, options);
                Assert.Equal(first.Iteration, second.Iteration);
                Assert.Equal(first.Active, second.Active);
                Systems.Continue(second, matrix);
                Assert.Equal(whole.Iteration, second.Iteration);
                Assert.Equal(TensorInterop.ToDoubles(whole.Solution), TensorInterop.ToDoubles(second.Solution));
                for (int j = 0; j < 4; j++)
                {
                    AssertSame(whole.Columns[j], second.Columns[j]);
                }
            }

            preconditioner.Dispose();
        }
    }

    [Fact]
    public void Save_WhileTheSolverGoesOn_StaysAsItWas()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var system = new LinearSystem(30, 2, 0.9, 1e-3, Seed: 3);
        torch.Tensor matrix = Systems.Matrix(system);
        using var identity = new IdentityPreconditioner(30);
        var options = new ConjugateGradientOptions { RelativeTolerance = 1e-8, DirectionType = torch.ScalarType.Float64 };
        using var solver = new ConjugateGradients(Systems.RightHandSides(system), identity, options);
        Systems.Continue(solver, matrix, 5);
        CgState saved = solver.Save();
        Systems.Continue(solver, matrix);
        Assert.Equal(5, saved.Iteration);
        Assert.All(saved.Columns, column => Assert.Equal(5, column.Steps.Count));
        using ConjugateGradients again = ConjugateGradients.Resume(saved, identity, options);
        Systems.Continue(again, matrix);
        Assert.Equal(TensorInterop.ToDoubles(solver.Solution), TensorInterop.ToDoubles(again.Solution));
    }

    [Fact]
    public void Read_WhatIsNoCheckpoint_IsRefused()
    {
        Assert.Throws<InvalidDataException>(() => Read([7, 0, 0, 0, 1, 2, 3]));
        using DisposeScope scope = torch.NewDisposeScope();
        using var identity = new IdentityPreconditioner(5);
        using var solver = new ConjugateGradients(Systems.Normals(5, 2, 1), identity, new ConjugateGradientOptions { RelativeTolerance = 1e-8 });
        byte[] bytes = Bytes(solver);
        for (int length = 0; length < bytes.Length; length += 7)
        {
            Assert.ThrowsAny<IOException>(() => Read(bytes[..length]));
        }
    }

    [Fact]
    public void SaveAndResume_WhenDisposed_LeaveNoTensorBehind()
    {
        using var identity = new IdentityPreconditioner(5);
        using torch.Tensor b = torch.ones(5, 2, dtype: torch.ScalarType.Float64);
        var options = new ConjugateGradientOptions { RelativeTolerance = 1e-8 };
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var solver = new ConjugateGradients(b, identity, options))
        using (ConjugateGradients again = ConjugateGradients.Resume(ThroughBytes(solver), identity, options))
        {
            Assert.Equal(before + 6, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static byte[] Bytes(ConjugateGradients solver)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
        {
            solver.Save().Write(writer);
        }

        return stream.ToArray();
    }

    private static CgState ThroughBytes(ConjugateGradients solver) => Read(Bytes(solver));

    private static CgState Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        return CgState.Read(reader, torch.CPU);
    }

    private static void AssertSame(CgColumn expected, CgColumn actual)
    {
        Assert.Equal(expected.Status, actual.Status);
        Assert.Equal(expected.SinceBest, actual.SinceBest);
        Assert.Equal(expected.Steps, actual.Steps);
        Assert.Equal(expected.Ratios, actual.Ratios);
        Assert.Equal(
            [expected.RightHandSide, expected.Residual, expected.Error, expected.Best, expected.Square, expected.FirstSquare],
            new[] { actual.RightHandSide, actual.Residual, actual.Error, actual.Best, actual.Square, actual.FirstSquare });
    }
}
