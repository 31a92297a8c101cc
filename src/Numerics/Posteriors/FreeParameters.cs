using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>
/// The q parameters whose block is not frozen, with their prior standard deviations, and one more for each of the prior's r directions: a change of the
/// network's parameters is D^1/2 e + U z. Owns its tensors.
/// </summary>
internal sealed class FreeParameters : IDisposable
{
    private readonly int _all;
    private readonly torch.Tensor? _index; // [q]; null when nothing is frozen
    private readonly torch.Tensor _deviation; // D^1/2, [q]
    private readonly torch.Tensor? _directions; // U, [p, r]
    private readonly int _scaled; // q

    internal FreeParameters(NetworkSpec spec, Prior prior, torch.Device device)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        _all = spec.ParameterCount;
        Count = CountFree(spec, prior);
        _scaled = Count - prior.RankOf(spec);
        var index = new long[_scaled];
        var deviation = new double[_scaled];
        int next = 0;
        for (int b = 0; b < spec.Blocks.Length; b++)
        {
            for (int i = 0; prior.BlockScales[b] > 0 && i < spec.Blocks[b].Count; i++)
            {
                index[next] = spec.Blocks[b].Offset + i;
                deviation[next++] = Math.Sqrt(prior.BlockScales[b]);
            }
        }

        _deviation = TensorInterop.Own(TensorInterop.FromDoubles(deviation, [_scaled], torch.ScalarType.Float64, device));
        _directions = PriorFunctions.Directions(spec, prior, device) is { } directions ? TensorInterop.Own(directions) : null;
        _index = _scaled == _all ? null : TensorInterop.Own(torch.tensor(index, device: device));
    }

    /// <summary>q + r.</summary>
    internal int Count { get; }

    public void Dispose()
    {
        _index?.Dispose();
        _deviation.Dispose();
        _directions?.Dispose();
    }

    internal static int CountFree(NetworkSpec spec, Prior prior) =>
        prior.RankOf(spec) + spec.Blocks.Select((block, b) => prior.BlockScales[b] > 0 ? block.Count : 0).Sum();

    /// <summary>J D^1/2 of the free parameters and J U, [N, q + r], fp64.</summary>
    internal torch.Tensor Rows(JacobianFactors factors) => Rows(factors, torch.ScalarType.Float64);

    /// <summary>The same in the given dtype.</summary>
    internal torch.Tensor Rows(JacobianFactors factors, torch.ScalarType dtype)
    {
        torch.Tensor dense = factors.ToDense();
        dense = dense.dtype == dtype ? dense : dense.to(dtype);
        torch.Tensor deviation = dtype == _deviation.dtype ? _deviation : _deviation.to(dtype);
        torch.Tensor? features = _directions is null ? null : torch.mm(dense, _directions.to(dtype));
        torch.Tensor rows = _index is null ? dense.mul_(deviation) : dense.index_select(1, _index).mul_(deviation);
        return features is null ? rows : torch.cat([rows, features], dim: 1);
    }

    /// <summary>D^1/2 e + U z in all parameters, [p, k], for u = (e, z). In u's dtype.</summary>
    internal torch.Tensor Embed(torch.Tensor u)
    {
        torch.Tensor deviation = u.dtype == _deviation.dtype ? _deviation : _deviation.to(u.dtype);
        torch.Tensor scaled = u.narrow(0, 0, _scaled) * deviation.view(-1, 1);
        torch.Tensor change = _index is null ? scaled : torch.zeros(_all, u.shape[1], dtype: u.dtype, device: u.device).index_copy_(0, _index, scaled);
        return _directions is null ? change : change.addmm_(_directions.to(u.dtype), u.narrow(0, _scaled, Count - _scaled), 1, 1);
    }

    /// <summary>D^1/2 v of the free parameters and U^T v, [q + r, k], fp64, for v of [p, k].</summary>
    internal torch.Tensor Extract(torch.Tensor v)
    {
        torch.Tensor free = PriorFunctions.ToDouble(_index is null ? v : v.index_select(0, _index));
        torch.Tensor scaled = free * _deviation.view(-1, 1);
        return _directions is null ? scaled : torch.cat([scaled, torch.mm(_directions.t(), PriorFunctions.ToDouble(v))], dim: 0);
    }
}
