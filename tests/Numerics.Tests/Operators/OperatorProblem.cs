using System.Collections.Concurrent;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Operators;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Operators;

/// <summary>
/// What an operator is made from, and the dense fp64 Jacobian at the same inputs by automatic differentiation. Tensors that are made here belong to the
/// dispose scope of the test; what is made for an operator is disposed after it.
/// </summary>
internal sealed class OperatorProblem : IDisposable
{
    private static readonly ConcurrentDictionary<int, double[]> Jacobians = new();

    private readonly Stack<IDisposable> _owned = [];

    public OperatorProblem(int outputs, torch.ScalarType dtype, bool keeps)
    {
        NetworkSpec spec = NetworkSpec.Mlp(3, [5, 4], outputs, Activation.Tanh);
        Case = Cases.Build(spec, seed: 40 + outputs, rows: 11, others: 1, perOutput: outputs > 1);

        // A frozen block, so that what an operator does with one is seen as well.
        Case = Case with { Prior = Case.Prior with { BlockScales = Case.Prior.BlockScales.SetItem(1, 0) } };
        DType = dtype;
        Keeps = keeps;
        Network = Own(Cases.Network(Case, dtype));
        Factors = Own(Network.Linearise(Case.X));
        Jacobian = TensorInterop.FromDoubles(Jacobians.GetOrAdd(outputs, _ => Rows(Case)), [Factors.Count, spec.ParameterCount], torch.ScalarType.Float64, torch.CPU);
        using DisposeScope scope = torch.NewDisposeScope();
        Variances = Oracle.ParameterVariances(spec, Prior.BlockScales).MoveToOuterDisposeScope();
        Kernel = Oracle.Kernel(Jacobian, Jacobian, Variances).MoveToOuterDisposeScope();
    }

    public Case Case { get; }

    public Prior Prior => Case.Prior;

    public torch.ScalarType DType { get; }

    public bool Keeps { get; }

    public SourceNetwork Network { get; }

    public JacobianFactors Factors { get; }

    /// <summary>J, [N, p], fp64.</summary>
    public torch.Tensor Jacobian { get; }

    /// <summary>The diagonal of D, [p].</summary>
    public torch.Tensor Variances { get; }

    /// <summary>J D J^T, [N, N], fp64.</summary>
    public torch.Tensor Kernel { get; }

    public T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Push(part);
        return part;
    }

    /// <summary>An operator of a given matrix, [m, n], fp64: what compositions are tested with.</summary>
    public ILinearOperator Of(torch.Tensor matrix) => Own(new DenseOperator(matrix.to(DType, copy: true)));

    /// <summary>Standard normal numbers in the products' dtype.</summary>
    public torch.Tensor Normals(long rows, long columns, int seed = 7) =>
        TensorInterop.FromDoubles(new SeededRandom(seed).Normals((int)(rows * columns)), [rows, columns], DType, torch.CPU);

    private static double[] Rows(Case c)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return TensorInterop.ToDoubles(Oracle.Linearise(c.Model, c.X).Jacobian);
    }

    public void Dispose()
    {
        while (_owned.TryPop(out IDisposable? part))
        {
            part.Dispose();
        }
    }
}
