using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>The q parameters whose block is not frozen, with their prior standard deviations. Owns its tensors.</summary>
internal sealed class FreeParameters : IDisposable
{
    private readonly int _all;
    private readonly torch.Tensor? _index; // [q]; null when nothing is frozen
    private readonly torch.Tensor _deviation; // D^1/2, [q]

    internal FreeParameters(NetworkSpec spec, Prior prior, torch.Device device)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        _all = spec.ParameterCount;
        Count = CountFree(spec, prior);
        var index = new long[Count];
        var deviation = new double[Count];
        int next = 0;
        for (int b = 0; b < spec.Blocks.Length; b++)
        {
            for (int i = 0; prior.BlockScales[b] > 0 && i < spec.Blocks[b].Count; i++)
            {
                index[next] = spec.Blocks[b].Offset + i;
                deviation[next++] = Math.Sqrt(prior.BlockScales[b]);
            }
        }

        _deviation = TensorInterop.Own(TensorInterop.FromDoubles(deviation, [Count], torch.ScalarType.Float64, device));
        _index = Count == _all ? null : TensorInterop.Own(torch.tensor(index, device: device));
    }

    /// <summary>q.</summary>
    internal int Count { get; }

    public void Dispose()
    {
        _index?.Dispose();
        _deviation.Dispose();
    }

    internal static int CountFree(NetworkSpec spec, Prior prior) =>
        spec.Blocks.Select((block, b) => prior.BlockScales[b] > 0 ? block.Count : 0).Sum();

    /// <summary>J D^1/2 of the free parameters, [N, q], fp64.</summary>
    internal torch.Tensor Rows(JacobianFactors factors) => Rows(factors, torch.ScalarType.Float64);

    /// <summary>J D^1/2 of the free parameters, [N, q], in the given dtype.</summary>
    internal torch.Tensor Rows(JacobianFactors factors, torch.ScalarType dtype)
    {
        torch.Tensor dense = factors.ToDense();
        dense = dense.dtype == dtype ? dense : dense.to(dtype);
        torch.Tensor deviation = dtype == _deviation.dtype ? _deviation : _deviation.to(dtype);
        return _index is null ? dense.mul_(deviation) : dense.index_select(1, _index).mul_(deviation);
    }

    /// <summary>D^1/2 u in all parameters, [p, k], zero where frozen. In u's dtype.</summary>
    internal torch.Tensor Embed(torch.Tensor u)
    {
        torch.Tensor deviation = u.dtype == _deviation.dtype ? _deviation : _deviation.to(u.dtype);
        torch.Tensor scaled = u * deviation.view(-1, 1);
        return _index is null ? scaled : torch.zeros(_all, u.shape[1], dtype: u.dtype, device: u.device).index_copy_(0, _index, scaled);
    }

    /// <summary>D^1/2 v of the free parameters, [q, k], fp64, for v of [p, k].</summary>
    internal torch.Tensor Extract(torch.Tensor v)
    {
        torch.Tensor free = PriorFunctions.ToDouble(_index is null ? v : v.index_select(0, _index));
        return free * _deviation.view(-1, 1);
    }
}
