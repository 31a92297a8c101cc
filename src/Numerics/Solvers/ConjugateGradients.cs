using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solvers;

/// <summary>
/// Preconditioned conjugate gradients for a block of right-hand sides, one recurrence each, that share one product per step. The product is the
/// caller's: it takes <see cref="Directions"/> and gives A times them to <see cref="Step"/>, wherever it is computed; so the same recurrence serves
/// one process and a cluster. A column that has converged leaves the block. fp64; owns its tensors.
/// </summary>
/// <remarks>
/// Golub and Van Loan, <em>Matrix Computations</em>, 4th edition, algorithm 11.5.1. Deviations: directions are rounded to what is sent before they
/// are used, so that the product belongs to the very direction of the recurrence; hence the step length is p^T r / p^T A p with p^T r computed.
/// </remarks>
internal sealed class ConjugateGradients : IDisposable
{
    private readonly IPreconditioner _preconditioner;
    private readonly ConjugateGradientOptions _options;
    private readonly torch.Tensor _solution; // X, [n, k]
    private torch.Tensor _residual; // R of the active columns, [n, a]
    private torch.Tensor _direction; // P of the active columns, rounded, [n, a]

    /// <summary>Starts at X = 0.</summary>
    /// <param name="rightHandSides">B, [n, k], fp64; copied.</param>
    /// <param name="preconditioner">Borrowed.</param>
    /// <param name="options">When to stop.</param>
    internal ConjugateGradients(torch.Tensor rightHandSides, IPreconditioner preconditioner, ConjugateGradientOptions options)
    {
        _preconditioner = preconditioner;
        _options = options;
        int k = (int)rightHandSides.shape[1];
        Columns = [.. Enumerable.Range(0, k).Select(_ => new CgColumn())];
        Active = [.. Enumerable.Range(0, k)];
        using DisposeScope scope = torch.NewDisposeScope();
        _solution = TensorInterop.Own(torch.zeros(rightHandSides.shape, dtype: torch.ScalarType.Float64, device: rightHandSides.device));
        _residual = TensorInterop.Own(_solution.clone().copy_(rightHandSides));
        double[] norms = Norms(_residual);
        for (int j = 0; j < k; j++)
        {
            Columns[j].RightHandSide = norms[j];
        }

        _direction = TensorInterop.Own(Precondition(norms, isFirst: true).to(_options.DirectionType, copy: true));
        Retire();
    }

    private ConjugateGradients(IPreconditioner preconditioner, ConjugateGradientOptions options, CgState state)
    {
        _preconditioner = preconditioner;
        _options = options;
        Columns = state.Columns;
        Active = state.Active;
        Iteration = state.Iteration;
        _solution = TensorInterop.Own(state.Solution);
        _residual = TensorInterop.Own(state.Residual);
        _direction = TensorInterop.Own(state.Direction);
    }

    /// <summary>All right-hand sides.</summary>
    internal CgColumn[] Columns { get; }

    /// <summary>Which columns still run, in the order of <see cref="Directions"/>.</summary>
    internal int[] Active { get; private set; }

    /// <summary>Steps so far.</summary>
    internal int Iteration { get; private set; }

    /// <summary>Whether no column runs any more.</summary>
    internal bool IsDone => Active.Length == 0;

    /// <summary>The directions to be multiplied, [n, a], in the options' direction type. Owned by this object, valid until the next step.</summary>
    internal torch.Tensor Directions => _direction;

    /// <summary>X, [n, k], fp64. Owned by this object.</summary>
    internal torch.Tensor Solution => _solution;

    /// <summary>Goes on from a copy of an earlier state, with the very same numbers.</summary>
    internal static ConjugateGradients Resume(CgState state, IPreconditioner preconditioner, ConjugateGradientOptions options) => new(preconditioner, options, state);

    /// <summary>A copy of everything that the recurrence needs.</summary>
    internal CgState Save() => new(Columns, Active, Iteration, _solution, _residual, _direction);

    /// <summary>One step.</summary>
    /// <param name="products">A times <see cref="Directions"/>, [n, a], any floating dtype; not changed.</param>
    internal void Step(torch.Tensor products)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Iteration++;
        (double[] curvature, double[] slope) = Slopes(products);
        var lengths = new double[Active.Length];
        for (int a = 0; a < lengths.Length; a++)
        {
            // No step where there is no positive curvature: the column ends there with what it has.
            double length = slope[a] / curvature[a];
            bool works = curvature[a] > 0 && double.IsFinite(curvature[a]) && double.IsFinite(length);
            lengths[a] = works ? length : 0;
            Columns[Active[a]].Status = works ? SolveStatus.Running : SolveStatus.Breakdown;
            if (works)
            {
                Columns[Active[a]].Steps.Add(lengths[a]);
            }
        }

        bool[] broken = [.. Active.Select(j => Columns[j].Status == SolveStatus.Breakdown)];
        double[] norms = Move(products, lengths, Array.Exists(broken, b => b));
        torch.Tensor z = Precondition(norms, isFirst: false, broken);
        Turn(z, [.. Active.Select(j => Columns[j].Ratios.Count == 0 ? 0 : Columns[j].Ratios[^1])]);
        Retire();
    }

    public void Dispose()
    {
        _solution.Dispose();
        _residual.Dispose();
        _direction.Dispose();
    }

    // Z = P^-1 R of the active columns, and what it and R say about each of them.
    private torch.Tensor Precondition(double[] norms, bool isFirst, bool[]? broken = null)
    {
        // Row by row, whatever the factorisation left: sums in another order have other last bits, and a checkpoint is read back row by row.
        torch.Tensor z = _preconditioner.Solve(_residual, Active).contiguous();
        double[] squares = Dots(_residual, z);
        for (int a = 0; a < Active.Length; a++)
        {
            CgColumn column = Columns[Active[a]];
            if (broken is not null && broken[a])
            {
                continue;
            }

            column.Residual = norms[a];
            column.Error = Math.Sqrt(Math.Max(0, squares[a]));
            if (isFirst)
            {
                column.FirstSquare = squares[a];
            }
            else
            {
                column.Ratios.Add(column.Square == 0 ? 0 : squares[a] / column.Square);
            }

            column.Square = squares[a];
            column.Judge(Active[a], _options, Iteration);
        }

        return z;
    }

    // p^T A p and p^T r of every column.
    private (double[] Curvature, double[] Slope) Slopes(torch.Tensor products)
    {
        torch.Tensor curvature = torch.zeros(Active.Length, dtype: torch.ScalarType.Float64, device: _residual.device);
        torch.Tensor slope = torch.zeros_like(curvature);
        foreach ((long start, long count) in RowChunks.Of(_residual.shape[0], Active.Length))
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor p = ToDouble(_direction.narrow(0, start, count));
            curvature.add_((ToDouble(products.narrow(0, start, count)) * p).sum(dim: 0), Scalars.One);
            slope.add_(p.mul_(_residual.narrow(0, start, count)).sum(dim: 0), Scalars.One);
        }

        return (TensorInterop.ToDoubles(curvature), TensorInterop.ToDoubles(slope));
    }

    // X + P steps, R - A P steps, and the norms of the latter.
    private double[] Move(torch.Tensor products, double[] lengths, bool isBroken)
    {
        torch.Tensor steps = Row(lengths);
        torch.Tensor? index = Active.Length == Columns.Length ? null : torch.tensor([.. Active.Select(j => (long)j)], device: _solution.device);
        torch.Tensor squares = torch.zeros(Active.Length, dtype: torch.ScalarType.Float64, device: _residual.device);
        foreach ((long start, long count) in RowChunks.Of(_residual.shape[0], Active.Length))
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor move = ToDouble(_direction.narrow(0, start, count)).mul_(steps);
            torch.Tensor change = ToDouble(products.narrow(0, start, count)).mul_(steps);
            if (isBroken)
            {
                // 0 times what is not finite is not 0.
                move.nan_to_num_(0, 0, 0);
                change.nan_to_num_(0, 0, 0);
            }

            torch.Tensor solution = _solution.narrow(0, start, count);
            _ = index is null ? solution.add_(move, Scalars.One) : solution.index_add_(1, index, move, 1);
            torch.Tensor residual = _residual.narrow(0, start, count).sub_(change);
            squares.add_((residual * residual).sum(dim: 0), Scalars.One);
        }

        return Array.ConvertAll(TensorInterop.ToDoubles(squares), Math.Sqrt);
    }

    // P becomes Z + P ratios, rounded. In place, row after row: the order of sums, so their last bits, must not depend on whether a state was saved in between.
    private void Turn(torch.Tensor z, double[] ratios)
    {
        torch.Tensor row = Row(ratios);
        foreach ((long start, long count) in RowChunks.Of(_residual.shape[0], Active.Length))
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor p = _direction.narrow(0, start, count);
            p.copy_(ToDouble(p).mul_(row).add_(z.narrow(0, start, count), Scalars.One));
        }
    }

    // Columns that ended leave the block.
    private void Retire()
    {
        int[] stay = [.. Enumerable.Range(0, Active.Length).Where(a => Columns[Active[a]].Status == SolveStatus.Running)];
        if (stay.Length == Active.Length)
        {
            return;
        }

        using torch.Tensor index = torch.tensor([.. stay.Select(a => (long)a)], dtype: torch.ScalarType.Int64, device: _residual.device);
        _residual = Selected(_residual, index);
        _direction = Selected(_direction, index);
        Active = [.. stay.Select(a => Active[a])];
    }

    private static torch.Tensor Selected(torch.Tensor from, torch.Tensor index)
    {
        torch.Tensor selected = TensorInterop.Own(from.index_select(1, index));
        from.Dispose();
        return selected;
    }

    private static torch.Tensor ToDouble(torch.Tensor tensor) => tensor.to(torch.ScalarType.Float64, copy: true);

    private torch.Tensor Row(double[] values) => TensorInterop.FromDoubles(values, [1, values.Length], torch.ScalarType.Float64, _residual.device);

    private static double[] Dots(torch.Tensor left, torch.Tensor right)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor sums = torch.zeros(left.shape[1], dtype: torch.ScalarType.Float64, device: left.device);
        foreach ((long start, long count) in RowChunks.Of(left.shape[0], left.shape[1]))
        {
            using DisposeScope inner = torch.NewDisposeScope();
            sums.add_((left.narrow(0, start, count) * right.narrow(0, start, count)).sum(dim: 0), Scalars.One);
        }

        return TensorInterop.ToDoubles(sums);
    }

    private static double[] Norms(torch.Tensor columns) => Array.ConvertAll(Dots(columns, columns), Math.Sqrt);
}
