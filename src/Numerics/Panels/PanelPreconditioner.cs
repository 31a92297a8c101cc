using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Panels;

/// <summary>
/// For every column t its own P_t = s_t M_t F F^T M_t + noise_t, with one thin F, [N, r], for all: by Woodbury's identity over r x r matrices, batched. Owns its
/// tensors; 8 T r^2 bytes, T (N r^2 + r^3) flops once, 4 N r + 2 r^2 per column.
/// </summary>
internal sealed class PanelPreconditioner : IPreconditioner
{
    private readonly torch.Tensor _factor; // F, [N, r]
    private readonly torch.Tensor _mask; // [N, T]
    private readonly torch.Tensor _noise; // [N, T]
    private readonly torch.Tensor _inverse; // of C_t = I / s_t + F^T M_t noise_t^-1 F, [T, r, r]
    private readonly double[] _logDeterminants; // of C_t, [T]

    /// <summary>Builds it.</summary>
    /// <param name="factor">F, [N, r], fp64; r at least 1.</param>
    /// <param name="mask">0 or 1, [N, T]; borrowed.</param>
    /// <param name="noise">Noise variances, [N, T]; borrowed.</param>
    /// <param name="scales">s, [T].</param>
    internal PanelPreconditioner(torch.Tensor factor, torch.Tensor mask, torch.Tensor noise, torch.Tensor scales)
    {
        _factor = TensorInterop.Own(factor.alias());
        _mask = TensorInterop.Own(mask.alias());
        _noise = TensorInterop.Own(noise.alias());
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor cholesky, torch.Tensor info) = torch.linalg.cholesky_ex(Inner(scales));
        if (info.count_nonzero().item<long>() != 0)
        {
            throw new Errors.NotPositiveDefiniteException("panel preconditioner", Rank, 0);
        }

        torch.Tensor half = cholesky.diagonal(0, 1, 2).log().sum(dim: 1);
        _logDeterminants = TensorInterop.ToDoubles(half + half);
        _inverse = TensorInterop.Own(torch.cholesky_inverse(cholesky).contiguous());
    }

    /// <summary>r.</summary>
    internal int Rank => (int)_factor.shape[1];

    public double LogDeterminant => double.NaN;

    public int NormalsPerSample => throw new NotSupportedException("Every column of a panel has a matrix of its own: there is no common draw.");

    /// <summary>log|P_t| of the observed part, for every t, [T].</summary>
    internal double[] LogDeterminants(torch.Tensor scales)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        double[] noise = TensorInterop.ToDoubles((_noise.log() * _mask).sum(dim: 0));
        double[] scale = TensorInterop.ToDoubles(scales.log());
        return [.. _logDeterminants.Select((log, t) => log + noise[t] + (Rank * scale[t]))];
    }

    public torch.Tensor Solve(torch.Tensor residuals, ReadOnlySpan<int> columns)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (long n, int a) = (residuals.shape[0], columns.Length);
        torch.Tensor? index = a == _mask.shape[1] ? null : torch.tensor(Array.ConvertAll(columns.ToArray(), j => (long)j), device: residuals.device);
        torch.Tensor mask = Select(_mask, 1, index);
        torch.Tensor noise = Select(_noise, 1, index);
        torch.Tensor result = torch.empty(n, a, dtype: torch.ScalarType.Float64, device: residuals.device); // R / noise, then z
        torch.Tensor low = torch.zeros(a, Rank, dtype: torch.ScalarType.Float64, device: residuals.device); // R^T noise^-1 M F
        foreach ((long start, long count) in RowChunks.Of(n, a))
        {
            using DisposeScope inner = torch.NewDisposeScope();
            torch.Tensor scaled = result.narrow(0, start, count).copy_(residuals.narrow(0, start, count)).div_(noise.narrow(0, start, count));
            low.add_(torch.mm((scaled * mask.narrow(0, start, count)).t(), _factor.narrow(0, start, count)), Scalars.One);
        }

        torch.Tensor solved = torch.bmm(Select(_inverse, 0, index), low.unsqueeze(2)).squeeze(2).t().contiguous(); // [r, a]
        foreach ((long start, long count) in RowChunks.Of(n, a))
        {
            using DisposeScope inner = torch.NewDisposeScope();
            torch.Tensor seen = torch.mm(_factor.narrow(0, start, count), solved).mul_(mask.narrow(0, start, count));
            result.narrow(0, start, count).sub_(seen.div_(noise.narrow(0, start, count)));
        }

        return TensorInterop.Return(result);
    }

    public torch.Tensor Sample(torch.Tensor normals) => throw new NotSupportedException("Every column of a panel has a matrix of its own: there is no common draw.");

    public void Dispose()
    {
        _factor.Dispose();
        _mask.Dispose();
        _noise.Dispose();
        _inverse.Dispose();
    }

    private static torch.Tensor Select(torch.Tensor tensor, int axis, torch.Tensor? index) => index is null ? tensor : tensor.index_select(axis, index);

    // C, [T, r, r], its lower triangles: one product of all targets' weights with the products of every column of F and those after it.
    private torch.Tensor Inner(torch.Tensor scales)
    {
        (long r, long targets) = (_factor.shape[1], _mask.shape[1]);
        torch.Tensor inner = torch.zeros(targets, r, r, dtype: torch.ScalarType.Float64, device: _factor.device);
        torch.Tensor weights = (_mask / _noise).t().contiguous(); // [T, N]
        torch.Tensor columns = _factor.t().contiguous(); // [r, N]
        for (long j = 0; j < r; j++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor products = columns.narrow(0, j, r - j) * columns.narrow(0, j, 1); // [r - j, N]
            inner.select(2, j).narrow(1, j, r - j).copy_(torch.mm(weights, products.t()));
        }

        torch.Tensor ones = torch.ones(1, dtype: torch.ScalarType.Float64, device: scales.device);
        inner.diagonal(0, 1, 2).add_((ones / scales).view(-1, 1), Scalars.One);
        return inner;
    }
}
