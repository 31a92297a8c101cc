using AdaptCluster.Numerics.Operators;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Operators;

/// <summary>Of rectangular operators, one of them by structured products.</summary>
public sealed class SumOperatorSuite : LinearOperatorSuite
{
    private protected override ILinearOperator Make(OperatorProblem problem) => new SumOperator(
        problem.Own(new JacobianOperator(problem.Factors)), problem.Of(Other(problem)), problem.Of(2 * problem.Jacobian));

    private protected override torch.Tensor Dense(OperatorProblem problem, int column) => (3 * problem.Jacobian) + Other(problem);

    [Fact]
    public void Construction_OperatorsThatDiffer_IsRefused() => ForAll((problem, product) =>
    {
        Assert.Throws<ArgumentException>(() => new SumOperator());
        Assert.Throws<ArgumentException>(() => new SumOperator(product, problem.Of(problem.Jacobian.t())));
        Assert.Throws<ArgumentException>(() => new SumOperator(product, problem.Of(problem.Kernel)));
    });

    private static torch.Tensor Other(OperatorProblem problem) => problem.Normals(problem.Factors.Count, problem.Case.Spec.ParameterCount, seed: 3).to(torch.ScalarType.Float64);
}

/// <summary>A matrix that is not symmetric, so that transposes show.</summary>
public sealed class MaskedOperatorSuite : LinearOperatorSuite
{
    private protected override ILinearOperator Make(OperatorProblem problem) => new MaskedOperator(problem.Of(Compositions.Square(problem)), Compositions.Mask(problem, 1));

    private protected override torch.Tensor Dense(OperatorProblem problem, int column) => Compositions.Masked(problem, Compositions.Mask(problem, 1));

    [Fact]
    public void Construction_WhatDoesNotFit_IsRefused() => ForAll((problem, _) =>
    {
        ILinearOperator square = problem.Of(problem.Kernel);
        torch.Tensor mask = Compositions.Mask(problem, 1);
        Assert.Throws<ArgumentException>(() => new MaskedOperator(problem.Of(problem.Jacobian), mask));
        Assert.Throws<ArgumentException>(() => new MaskedOperator(square, mask.narrow(0, 1, mask.shape[0] - 1)));
        Assert.Throws<ArgumentException>(() => new MaskedOperator(square, mask.to(problem.DType)));
        Assert.Throws<ArgumentException>(() => new MaskedOperator(square, mask.view(-1)));
    });
}

public sealed class MaskedPerColumnOperatorSuite : LinearOperatorSuite
{
    private protected override int[] Widths => [4];

    private protected override bool IsPerColumn => true;

    private protected override ILinearOperator Make(OperatorProblem problem) => new MaskedOperator(problem.Of(Compositions.Square(problem)), Compositions.Mask(problem, 4));

    private protected override torch.Tensor Dense(OperatorProblem problem, int column) => Compositions.Masked(problem, Compositions.Mask(problem, 4).narrow(1, column, 1));

    [Fact]
    public void OfColumns_AFewInAnyOrder_HasTheirMasks() => ForAll((problem, product) =>
    {
        torch.Tensor v = problem.Normals(product.Columns, 4);
        torch.Tensor all = product.Apply(v);
        using MaskedOperator two = ((MaskedOperator)product).OfColumns([3, 1]);
        torch.Tensor which = torch.tensor(new long[] { 3, 1 });
        AssertClose(problem, all.index_select(1, which), two.Apply(v.index_select(1, which)));
        using MaskedOperator one = two.OfColumns([1]);
        AssertClose(problem, Dense(problem, 1), one.ToDense());
        Assert.Throws<ArgumentOutOfRangeException>(() => two.OfColumns([2]));
    });
}

public sealed class ShiftedByIndexOperatorSuite : LinearOperatorSuite
{
    private protected override ILinearOperator Make(OperatorProblem problem) =>
        new ShiftedOperator(problem.Of(Compositions.Square(problem)), Compositions.Shift(problem, problem.Factors.Count, 1));

    private protected override torch.Tensor Dense(OperatorProblem problem, int column) => Compositions.Shifted(problem, Compositions.Shift(problem, problem.Factors.Count, 1));

    [Fact]
    public void Construction_WhatDoesNotFit_IsRefused() => ForAll((problem, _) =>
    {
        ILinearOperator square = problem.Of(problem.Kernel);
        Assert.Throws<ArgumentException>(() => new ShiftedOperator(problem.Of(problem.Jacobian), Compositions.Shift(problem, 1, 1)));
        Assert.Throws<ArgumentException>(() => new ShiftedOperator(square, Compositions.Shift(problem, problem.Factors.Count - 1, 1)));
        Assert.Throws<ArgumentException>(() => new ShiftedOperator(square, Compositions.Shift(problem, 1, 1).to(torch.ScalarType.Int64)));
        Assert.Throws<ArgumentException>(() => new ShiftedOperator(square, Compositions.Shift(problem, 1, 2).view(-1)));
    });
}

/// <summary>As noise on a kernel is: one number for all.</summary>
public sealed class ShiftedByOneNumberOperatorSuite : LinearOperatorSuite
{
    private protected override ILinearOperator Make(OperatorProblem problem) =>
        new ShiftedOperator(problem.Own(new KernelProductOperator(problem.Factors, problem.Prior.BlockScales.AsSpan())), Compositions.Shift(problem, 1, 1));

    private protected override torch.Tensor Dense(OperatorProblem problem, int column) =>
        problem.Kernel + (Compositions.Shift(problem, 1, 1).to(torch.ScalarType.Float64) * torch.eye(problem.Factors.Count, dtype: torch.ScalarType.Float64));
}

public sealed class ShiftedPerColumnOperatorSuite : LinearOperatorSuite
{
    private protected override int[] Widths => [3];

    private protected override bool IsPerColumn => true;

    private protected override ILinearOperator Make(OperatorProblem problem) => new ShiftedOperator(problem.Of(Compositions.Square(problem)), Compositions.Shift(problem, 1, 3));

    private protected override torch.Tensor Dense(OperatorProblem problem, int column) => Compositions.Shifted(problem, Compositions.Shift(problem, 1, 3).narrow(1, column, 1));

    [Fact]
    public void OfColumns_One_HasItsShift() => ForAll((problem, product) =>
    {
        using ShiftedOperator one = ((ShiftedOperator)product).OfColumns([2]);
        AssertClose(problem, Dense(problem, 2), one.ToDense());
        Assert.Throws<ArgumentOutOfRangeException>(() => ((ShiftedOperator)product).OfColumns([3]));
    });
}

/// <summary>What a panel of targets is: M_t K M_t + sigma_t^2 I on every column.</summary>
public sealed class PanelOperatorSuite : LinearOperatorSuite
{
    private protected override int[] Widths => [3];

    private protected override bool IsPerColumn => true;

    private protected override ILinearOperator Make(OperatorProblem problem)
    {
        ILinearOperator kernel = problem.Own(new KernelProductOperator(problem.Factors, problem.Prior.BlockScales.AsSpan()));
        ILinearOperator observed = problem.Own(new MaskedOperator(kernel, Compositions.Mask(problem, 3)));
        return new ShiftedOperator(observed, Compositions.Shift(problem, problem.Factors.Count, 3));
    }

    private protected override torch.Tensor Dense(OperatorProblem problem, int column)
    {
        torch.Tensor mask = Compositions.Mask(problem, 3).narrow(1, column, 1).to(torch.ScalarType.Float64);
        torch.Tensor shift = Compositions.Shift(problem, problem.Factors.Count, 3).narrow(1, column, 1).to(torch.ScalarType.Float64);
        return (mask * problem.Kernel * mask.t()) + torch.diag(shift.view(-1));
    }
}

internal static class Compositions
{
    /// <summary>A square matrix that is not symmetric, fp64.</summary>
    public static torch.Tensor Square(OperatorProblem problem) =>
        problem.Kernel + problem.Normals(problem.Factors.Count, problem.Factors.Count, seed: 4).to(torch.ScalarType.Float64);

    public static torch.Tensor Mask(OperatorProblem problem, int columns) => problem.Normals(problem.Factors.Count, columns, seed: 5) > 0;

    public static torch.Tensor Shift(OperatorProblem problem, int rows, int columns) => problem.Normals(rows, columns, seed: 6).abs();

    public static torch.Tensor Masked(OperatorProblem problem, torch.Tensor mask)
    {
        torch.Tensor m = mask.to(torch.ScalarType.Float64);
        return m * Square(problem) * m.t();
    }

    public static torch.Tensor Shifted(OperatorProblem problem, torch.Tensor shift)
    {
        int n = problem.Factors.Count;
        return Square(problem) + torch.diag(shift.to(torch.ScalarType.Float64).expand(n, 1).reshape(-1));
    }
}
