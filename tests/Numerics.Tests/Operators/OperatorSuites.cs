using AdaptCluster.Numerics.Operators;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Operators;

public sealed class JacobianOperatorSuite : LinearOperatorSuite
{
    private protected override ILinearOperator Make(OperatorProblem problem) => new JacobianOperator(problem.Factors);

    private protected override torch.Tensor Dense(OperatorProblem problem, int column) => problem.Jacobian;
}

public sealed class KernelProductOperatorSuite : LinearOperatorSuite
{
    private protected override ILinearOperator Make(OperatorProblem problem) => new KernelProductOperator(problem.Factors, problem.Prior.BlockScales.AsSpan());

    private protected override torch.Tensor Dense(OperatorProblem problem, int column) => problem.Kernel;

    [Fact]
    public void Construction_WrongScales_IsRefused() => ForAll((problem, _) =>
    {
        Assert.Throws<ArgumentException>(() => new KernelProductOperator(problem.Factors, [1, 1]));
        Assert.Throws<ArgumentException>(() => new KernelProductOperator(problem.Factors, [1, 1, 1, 1, 1, -1]));
    });
}

/// <summary>Rows of all inputs: the kernel itself.</summary>
public sealed class WholeKernelRowsOperatorSuite : LinearOperatorSuite
{
    private protected override ILinearOperator Make(OperatorProblem problem) => KernelRows.Of(problem, 0, 11);

    private protected override torch.Tensor Dense(OperatorProblem problem, int column) => problem.Kernel;
}

/// <summary>Rows between others.</summary>
public sealed class InnerKernelRowsOperatorSuite : LinearOperatorSuite
{
    private protected override ILinearOperator Make(OperatorProblem problem) => KernelRows.Of(problem, 3, 5);

    private protected override torch.Tensor Dense(OperatorProblem problem, int column) =>
        problem.Kernel.narrow(0, 3 * problem.Factors.Outputs, 5 * problem.Factors.Outputs);
}

/// <summary>The last rows.</summary>
public sealed class LastKernelRowsOperatorSuite : LinearOperatorSuite
{
    private protected override ILinearOperator Make(OperatorProblem problem) => KernelRows.Of(problem, 7, 4);

    private protected override torch.Tensor Dense(OperatorProblem problem, int column) =>
        problem.Kernel.narrow(0, 7 * problem.Factors.Outputs, 4 * problem.Factors.Outputs);

    [Fact]
    public void BuildNext_UntilBuilt_IsWhatProductsBuild() => ForAll((problem, product) =>
    {
        var rows = (KernelRowsOperator)product;
        for (int built = 0; problem.Keeps && built < rows.Parts; built++)
        {
            Assert.False(rows.IsBuilt);
            rows.BuildNext();
        }

        Assert.True(rows.IsBuilt);
        AssertClose(problem, Dense(problem, 0), rows.ToDense());
        AssertSame(rows.ToDense(), problem.Own(Make(problem)).ToDense());
    });
}

public sealed class ParameterGramOperatorSuite : LinearOperatorSuite
{
    private protected override ILinearOperator Make(OperatorProblem problem)
    {
        FactorChunks chunks = problem.Own(new FactorChunks(problem.Network, problem.Case.X, problem.Keeps, chunkRows: 4));
        return new ParameterGramOperator(chunks, problem.Own(new FreeParameters(problem.Case.Spec, problem.Prior, torch.CPU)), problem.Prior);
    }

    private protected override torch.Tensor Dense(OperatorProblem problem, int column)
    {
        torch.Tensor free = problem.Variances.nonzero().view(-1);
        torch.Tensor rows = (problem.Jacobian * problem.Variances.sqrt()).index_select(1, free);
        return torch.mm(rows.t() / Oracle.Noise(problem.Prior, problem.Factors.Rows, problem.Factors.Outputs), rows);
    }

    [Fact]
    public void Apply_KeptAndRecomputed_HaveTheSameBits() => ForAll((problem, product) =>
    {
        using var other = new OperatorProblem(problem.Case.Spec.Outputs, problem.DType, !problem.Keeps);
        torch.Tensor v = problem.Normals(product.Columns, 2);
        AssertSame(product.Apply(v), other.Own(Make(other)).Apply(v));
    });
}

internal static class KernelRows
{
    /// <summary>In blocks of two inputs.</summary>
    public static KernelRowsOperator Of(OperatorProblem problem, int start, int count) => new(
        problem.Factors, problem.Prior.BlockScales.AsSpan(), start, count, problem.Keeps, blockNumbers: 2 * problem.Factors.Count * problem.Factors.Outputs);
}
