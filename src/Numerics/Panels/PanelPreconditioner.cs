using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Panels;

/// <summary>
/// For every column t its own P_t = s_t M_t F F^T M_t + noise_t, with one thin F, [N, r], for all: by Woodbury's identity over r x r matrices, batched. Owns its
/// tensors; 8 T r^2 bytes, N r^2 T flops once, 4 N r + 2 r^2 per column.
/// </summary>
internal sealed class PanelPreconditioner : IPreconditioner
{
    private const long GroupNumbers = 1L << 24;

    private readonly torch.Tensor _factor; // F, [N, r]
    private readonly torch.Tensor _mask; // [N, T]
    private readonly torch.Tensor _noise; // [N or 1, T]
    private readonly torch.Tensor _inner; // Cholesky factors of I / s_t + F^T M_t noise_t^-1 F, [T, r, r]

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
        _inner = TensorInterop.Own(Inner(scales));
    }

    /// <summary>r.</summary>
    internal int Rank => (int)_factor.shape[1];

    public double LogDeterminant => double.NaN;

    public int NormalsPerSample => throw new NotSupportedException("Every column of a panel has a matrix of its own: there is no common draw.");

    /// <summary>log|P_t| of the observed part, for every t, [T].</summary>
    internal double[] LogDeterminants(torch.Tensor scales)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor diagonal = _inner.diagonal(0, 1, 2).log().sum(dim: 1);
        torch.Tensor noise = (_noise.log() * _mask).sum(dim: 0);
        torch.Tensor twice = diagonal + diagonal;
        return TensorInterop.ToDoubles(twice + noise + (scales.log() * torch.full(1, (double)_factor.shape[1], dtype: torch.ScalarType.Float64, device: scales.device)));
    }

    public torch.Tensor Solve(torch.Tensor residuals, ReadOnlySpan<int> columns)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        bool all = columns.Length == _mask.shape[1];
        torch.Tensor? index = all ? null : torch.tensor(Array.ConvertAll(columns.ToArray(), j => (long)j), device: residuals.device);
        torch.Tensor mask = Select(_mask, 1, index);
        torch.Tensor noise = Select(_noise, 1, index);
        torch.Tensor scaled = residuals / noise;
        torch.Tensor low = torch.mm(_factor.t(), scaled * mask); // [r, a]
        torch.Tensor solved = low.t().unsqueeze(2).cholesky_solve(Select(_inner, 0, index)).squeeze(2).t(); // [r, a]
        return TensorInterop.Return(scaled.sub_(torch.mm(_factor, solved.contiguous()).mul_(mask).div_(noise)));
    }

    public torch.Tensor Sample(torch.Tensor normals) => throw new NotSupportedException("Every column of a panel has a matrix of its own: there is no common draw.");

    public void Dispose()
    {
        _factor.Dispose();
        _mask.Dispose();
        _noise.Dispose();
        _inner.Dispose();
    }

    private static torch.Tensor Select(torch.Tensor tensor, int axis, torch.Tensor? index) => index is null ? tensor : tensor.index_select(axis, index);

    private torch.Tensor Inner(torch.Tensor scales)
    {
        (long n, long r) = (_factor.shape[0], _factor.shape[1]);
        long targets = _mask.shape[1];
        torch.Tensor inner = torch.empty(targets, r, r, dtype: torch.ScalarType.Float64, device: _factor.device);
        torch.Tensor identity = torch.eye(r, dtype: torch.ScalarType.Float64, device: _factor.device);
        int group = (int)Math.Clamp(GroupNumbers / (n * r), 1, targets);
        torch.Tensor weights = (_mask / _noise).t().contiguous(); // [T, N]
        for (long start = 0; start < targets; start += group)
        {
            long count = Math.Min(group, targets - start);
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor weighted = weights.narrow(0, start, count).unsqueeze(2) * _factor.unsqueeze(0); // [g, N, r]
            torch.Tensor gram = torch.mm(weighted.transpose(1, 2).reshape(count * r, n), _factor).view(count, r, r);
            gram.add_(identity.unsqueeze(0) / scales.narrow(0, start, count).view(-1, 1, 1));
            (torch.Tensor factor, torch.Tensor info) = torch.linalg.cholesky_ex(gram);
            if (info.count_nonzero().item<long>() != 0)
            {
                throw new Errors.NotPositiveDefiniteException("panel preconditioner", r, 0);
            }

            inner.narrow(0, start, count).copy_(factor);
        }

        return inner;
    }
}
