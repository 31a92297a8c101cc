using AdaptCluster.Numerics.Operators;
using AdaptCluster.Numerics.Tensors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Operators;

/// <summary>
/// What every operator must do, against its dense form. A kind of operator supplies how it is made and its matrix in fp64; it gets every test, for one to
/// three outputs, both dtypes, kept and recomputed. After <c>LinearOperatorTestCase</c> of linear_operator.
/// </summary>
public abstract class LinearOperatorSuite
{
    // fp64: sums of at most a hundred terms, relative to the largest element. fp32 rounds at 6e-8, in the network as well.
    private const double Tight = 1e-10;
    private const double Single = 1e-4;

    /// <summary>On one native thread, as the device lane computes what is small.</summary>
    protected LinearOperatorSuite() => TorchRuntime.UseThreadsFor(flops: 0, most: 1);

    /// <summary>How many columns products are tested with.</summary>
    private protected virtual int[] Widths => [1, 4];

    /// <summary>The operator. Parts that it borrows are the problem's to own.</summary>
    private protected abstract ILinearOperator Make(OperatorProblem problem);

    /// <summary>Its matrix in fp64; for an operator that has one for each column of the block, that of the given column.</summary>
    private protected abstract torch.Tensor Dense(OperatorProblem problem, int column);

    /// <summary>Whether the columns of the block have matrices of their own.</summary>
    private protected virtual bool IsPerColumn => false;

    [Fact]
    public void Apply_OneAndSeveralColumns_IsTheDenseProduct() => ForAll((problem, product) => ForAllWidths(product.Columns, problem, v =>
    {
        torch.Tensor expected = Columnwise(v, (x, j) => torch.mm(Dense(problem, j), x));
        AssertClose(problem, expected, product.Apply(v));
        AssertClose(problem, expected, product.Apply(OtherLayout(v)));
    }));

    [Fact]
    public void ApplyTranspose_OneAndSeveralColumns_IsTheDenseProduct() => ForAll((problem, product) => ForAllWidths(product.Rows, problem, u =>
    {
        torch.Tensor expected = Columnwise(u, (x, j) => torch.mm(Dense(problem, j).t(), x));
        AssertClose(problem, expected, product.ApplyTranspose(u));
        AssertClose(problem, expected, product.ApplyTranspose(OtherLayout(u)));
    }));

    [Fact]
    public void ToDense_Always_IsTheMatrix() => ForAll((problem, product) =>
    {
        if (IsPerColumn)
        {
            Assert.Contains("OfColumns", Assert.Throws<InvalidOperationException>(product.ToDense).Message, StringComparison.Ordinal);
            return;
        }

        AssertClose(problem, Dense(problem, 0), product.ToDense());
    });

    [Fact]
    public void Sizes_Always_AreTheMatrixs() => ForAll((problem, product) =>
    {
        torch.Tensor dense = Dense(problem, 0);
        Assert.Equal(dense.shape, new long[] { product.Rows, product.Columns });
        Assert.Equal(problem.DType, product.DType);
        Assert.Equal(DeviceType.CPU, product.Device.type);
        torch.Tensor result = product.Apply(problem.Normals(product.Columns, Widths[^1]));
        Assert.Equal(new long[] { product.Rows, Widths[^1] }, result.shape);
        Assert.Equal(problem.DType, result.dtype);
    });

    [Fact]
    public void AddPart_AllInOrder_IsTheProduct() => ForAll((problem, product) =>
    {
        if (product is not IPartwiseOperator partwise)
        {
            return;
        }

        Assert.True(partwise.Parts > 1, "a test with one part shows nothing");
        torch.Tensor v = problem.Normals(product.Columns, Widths[^1]);
        torch.Tensor result = torch.zeros(product.Rows, v.shape[1], dtype: partwise.ResultType);
        for (int part = 0; part < partwise.Parts; part++)
        {
            partwise.AddPart(part, v, result);
        }

        AssertSame(product.Apply(v), result.to(problem.DType));
        AssertClose(problem, torch.mm(Dense(problem, 0), v.to(torch.ScalarType.Float64)), result);
        Assert.Throws<ArgumentOutOfRangeException>(() => partwise.AddPart(partwise.Parts, v, result));
        Assert.Throws<ArgumentOutOfRangeException>(() => partwise.AddPart(-1, v, result));
        Assert.Throws<ArgumentException>(() => partwise.AddPart(0, v, result.narrow(0, 1, product.Rows - 1)));
        Assert.Throws<ArgumentException>(() => partwise.AddPart(0, v, result.narrow(1, 0, 1)));
        Assert.Throws<ArgumentException>(() => partwise.AddPart(0, v, result.to(torch.ScalarType.Int64)));
        Assert.Throws<ArgumentException>(() => partwise.AddPart(0, v.narrow(0, 1, product.Columns - 1), result));
    });

    [Fact]
    public void Apply_Twice_HasTheSameBits() => ForAll((problem, product) =>
    {
        torch.Tensor v = problem.Normals(product.Columns, Widths[^1]);
        torch.Tensor u = problem.Normals(product.Rows, Widths[^1]);
        torch.Tensor first = product.Apply(v);
        torch.Tensor transposed = product.ApplyTranspose(u);
        AssertSame(first, product.Apply(v.clone()));
        AssertSame(transposed, product.ApplyTranspose(u.clone()));
        using var again = new OperatorProblem(problem.Case.Spec.Outputs, problem.DType, problem.Keeps);
        AssertSame(first, again.Own(Make(again)).Apply(v));
    });

    [Fact]
    public void Products_Always_LeaveTheirOperandsAsTheyWere() => ForAll((problem, product) =>
    {
        torch.Tensor v = problem.Normals(product.Columns, Widths[^1]);
        torch.Tensor u = problem.Normals(product.Rows, Widths[^1]);
        torch.Tensor sameV = v.clone();
        torch.Tensor sameU = u.clone();
        product.Apply(v);
        product.ApplyTranspose(u);
        AssertSame(sameV, v);
        AssertSame(sameU, u);
        if (!IsPerColumn)
        {
            product.ToDense().zero_();
            AssertClose(problem, torch.mm(Dense(problem, 0), v.to(torch.ScalarType.Float64)), product.Apply(v));
        }
    });

    [Fact]
    public void Everything_WhenDisposed_LeavesNoTensorBehind() => ForAll((problem, _) =>
    {
        Make(problem).Dispose();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (ILinearOperator product = Make(problem))
        {
            using torch.Tensor v = problem.Normals(product.Columns, Widths[^1]);
            using torch.Tensor u = problem.Normals(product.Rows, Widths[^1]);

            // What is kept is made by the first product.
            product.Apply(v).Dispose();
            long held = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            foreach (Func<torch.Tensor> use in new[] { () => product.Apply(v), () => product.ApplyTranspose(u), () => IsPerColumn ? v.alias() : product.ToDense() })
            {
                using torch.Tensor result = use();
                Assert.Equal(held + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            }
        }
    });

    [Fact]
    public void Operands_OfAnotherShapeOrType_AreRefusedInManagedCode() => ForAll((problem, product) =>
    {
        torch.ScalarType other = problem.DType == torch.ScalarType.Float64 ? torch.ScalarType.Float32 : torch.ScalarType.Float64;
        foreach ((Func<torch.Tensor, torch.Tensor> use, int size) in new[] { ((Func<torch.Tensor, torch.Tensor>)product.Apply, product.Columns), (product.ApplyTranspose, product.Rows) })
        {
            torch.Tensor good = problem.Normals(size, Widths[^1]);
            Assert.Throws<ArgumentNullException>(() => use(null!));
            Assert.Throws<ArgumentException>(() => use(problem.Normals(size + 1, Widths[^1])));
            Assert.Throws<ArgumentException>(() => use(problem.Normals(size - 1, Widths[^1])));
            Assert.Throws<ArgumentException>(() => use(good.select(1, 0)));
            Assert.Throws<ArgumentException>(() => use(good.unsqueeze(0)));
            Assert.Throws<ArgumentException>(() => use(good.to(other)));
            if (IsPerColumn)
            {
                Assert.Throws<ArgumentException>(() => use(problem.Normals(size, Widths[^1] + 1)));
            }
        }
    });

    private protected static void AssertClose(OperatorProblem problem, torch.Tensor expected, torch.Tensor actual) =>
        Assert.InRange(Oracle.StrictError(expected, actual), 0, problem.DType == torch.ScalarType.Float64 ? Tight : Single);

    private protected static void AssertSame(torch.Tensor expected, torch.Tensor actual) => Assert.Equal(TensorInterop.ToDoubles(expected), TensorInterop.ToDoubles(actual));

    private protected void ForAll(Action<OperatorProblem, ILinearOperator> check)
    {
        foreach (bool keeps in new[] { true, false })
        {
            foreach (torch.ScalarType dtype in new[] { torch.ScalarType.Float64, torch.ScalarType.Float32 })
            {
                for (int outputs = 1; outputs <= 3; outputs++)
                {
                    using DisposeScope scope = torch.NewDisposeScope();
                    using var problem = new OperatorProblem(outputs, dtype, keeps);
                    check(problem, problem.Own(Make(problem)));
                }
            }
        }
    }

    // The same numbers, column after column, as a part of more.
    private static torch.Tensor OtherLayout(torch.Tensor matrix) => torch.cat([matrix, matrix], dim: 0).t().contiguous().t().narrow(0, matrix.shape[0], matrix.shape[0]);

    private static torch.Tensor Columnwise(torch.Tensor operand, Func<torch.Tensor, int, torch.Tensor> product)
    {
        torch.Tensor wide = operand.to(torch.ScalarType.Float64);
        return torch.cat([.. Enumerable.Range(0, (int)operand.shape[1]).Select(j => product(wide.narrow(1, j, 1), j))], dim: 1);
    }

    private void ForAllWidths(int size, OperatorProblem problem, Action<torch.Tensor> check)
    {
        foreach (int width in Widths)
        {
            check(problem.Normals(size, width));
        }
    }
}
