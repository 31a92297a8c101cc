using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solvers;

/// <summary>
/// Lanczos' tridiagonalisation of a symmetric matrix from a block of starts, one recurrence each, that share one product per step:
/// A Q = Q T with orthonormal Q. The product is the caller's: it takes <see cref="Directions"/> and gives A times them to <see cref="Step"/>.
/// fp64; n m k numbers for m steps of k columns; owns its tensors.
/// </summary>
/// <remarks>
/// Golub and Van Loan, <em>Matrix Computations</em>, 4th edition, section 10.1, with full reorthogonalisation: every new vector is made orthogonal to all
/// before it, twice (Parlett, <em>The Symmetric Eigenvalue Problem</em>, section 6.9), 8 n m flops a step and column. A column that ends stays in the block
/// as zeros, which costs its share of the product; runs are short.
/// </remarks>
internal sealed class Lanczos : IDisposable
{
    /// <summary>Where what is left of a vector is this small beside its matrix, it is rounding: the space is exhausted.</summary>
    private const double Exhausted = 1e-12;

    private readonly torch.Tensor _basis; // Q^T of every column, [k, m, n]
    private readonly double[] _scales; // the largest entry of T so far: about |A|
    private readonly int _maxSteps;
    private torch.Tensor _direction; // [n, k]

    /// <summary>Starts.</summary>
    /// <param name="starts">R, [n, k], fp64; not changed. A zero column is exhausted at once.</param>
    /// <param name="maxSteps">The most steps; more than n are never needed.</param>
    internal Lanczos(torch.Tensor starts, int maxSteps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxSteps);
        (long n, long k) = (starts.shape[0], starts.shape[1]);
        _maxSteps = (int)Math.Min(maxSteps, n);
        _scales = new double[k];
        _basis = TensorInterop.Own(torch.zeros(k, _maxSteps, n, dtype: torch.ScalarType.Float64, device: starts.device));
        using DisposeScope scope = torch.NewDisposeScope();
        double[] norms = Norms(starts);
        Columns = [.. norms.Select(norm => new LanczosColumn
        {
            Norm = norm,
            Status = !double.IsFinite(norm) ? SolveStatus.Breakdown : norm == 0 ? SolveStatus.Converged : SolveStatus.Running,
        })];
        _direction = TensorInterop.Own(starts.contiguous() * Inverse(norms));
        Silence();
        _basis.select(1, 0).copy_(_direction.t());
    }

    /// <summary>The starts.</summary>
    internal LanczosColumn[] Columns { get; }

    /// <summary>Steps so far.</summary>
    internal int Steps { get; private set; }

    /// <summary>Whether no column goes on.</summary>
    internal bool IsDone => Array.TrueForAll(Columns, column => column.Status != SolveStatus.Running);

    /// <summary>The vectors to be multiplied, [n, k], of length 1, or zero where a column has ended. Owned by this object, valid until the next step.</summary>
    internal torch.Tensor Directions => _direction;

    /// <summary>Q of a column, [n, s] after s steps, as a view on this object's memory. In the caller's dispose scope.</summary>
    internal torch.Tensor Basis(int column)
    {
        using torch.Tensor rows = _basis.select(0, column);
        using torch.Tensor steps = rows.narrow(0, 0, Columns[column].Diagonal.Count);
        return steps.t();
    }

    /// <summary>One step.</summary>
    /// <param name="products">A times <see cref="Directions"/>, [n, k], any floating dtype; not changed.</param>
    internal void Step(torch.Tensor products)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor w = products.to(torch.ScalarType.Float64, copy: true);
        double[] alphas = Dots(_direction, w);
        torch.Tensor rest = w.t().contiguous().unsqueeze(2); // [k, n, 1]
        torch.Tensor seen = _basis.narrow(1, 0, Steps + 1);
        torch.Tensor back = seen.transpose(1, 2);
        for (int pass = 0; pass < 2; pass++)
        {
            rest.sub_(torch.bmm(back, torch.bmm(seen, rest)));
        }

        torch.Tensor next = rest.squeeze(2).t().contiguous();
        double[] betas = Norms(next);
        Steps++;
        for (int j = 0; j < Columns.Length; j++)
        {
            Note(j, alphas[j], betas[j]);
        }

        _direction.Dispose();
        _direction = TensorInterop.Own(next.mul_(Inverse(betas)));
        Silence();
        if (Steps < _maxSteps)
        {
            _basis.select(1, Steps).copy_(_direction.t());
        }
    }

    public void Dispose()
    {
        _basis.Dispose();
        _direction.Dispose();
    }

    private void Note(int j, double alpha, double beta)
    {
        LanczosColumn column = Columns[j];
        if (column.Status != SolveStatus.Running)
        {
            return;
        }

        if (!double.IsFinite(alpha) || !double.IsFinite(beta))
        {
            column.Status = SolveStatus.Breakdown;
            return;
        }

        column.Diagonal.Add(alpha);
        _scales[j] = Math.Max(_scales[j], Math.Max(Math.Abs(alpha), beta));
        if (beta <= Exhausted * _scales[j] || Steps == _basis.shape[2])
        {
            column.Status = SolveStatus.Converged;
            return;
        }

        column.OffDiagonal.Add(beta);
        column.Status = Steps == _maxSteps ? SolveStatus.IterationLimit : SolveStatus.Running;
    }

    // Columns that ended become zero: whatever they held must not come back through 0 times what is not finite.
    private void Silence()
    {
        long[] ended = [.. Enumerable.Range(0, Columns.Length).Where(j => Columns[j].Status != SolveStatus.Running).Select(j => (long)j)];
        foreach (long j in ended)
        {
            _direction.select(1, j).zero_();
        }
    }

    private torch.Tensor Inverse(double[] norms) =>
        TensorInterop.FromDoubles(Array.ConvertAll(norms, norm => norm > 0 ? 1 / norm : 0), [1, norms.Length], torch.ScalarType.Float64, _basis.device);

    private static double[] Dots(torch.Tensor left, torch.Tensor right) => TensorInterop.ToDoubles((left * right).sum(dim: 0));

    private static double[] Norms(torch.Tensor columns) => Array.ConvertAll(Dots(columns, columns), Math.Sqrt);
}
