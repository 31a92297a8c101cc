using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Operators;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>
/// Phi_m^T Sigma_m^-1 Phi_m of sampled rows, [q, q]: only what is on and below the diagonal, m q^2 flops. Computed some rows at a time. Owns its matrix.
/// </summary>
internal sealed class SampledGram : IDisposable
{
    private const long DenseNumbers = 1L << 23;
    private const int BandRows = 512;

    private readonly SourceNetwork _network;
    private readonly RowMatrix _inputs;
    private readonly FreeParameters _free;
    private readonly Prior _prior;
    private readonly torch.Tensor _matrix; // [q, q]
    private int _done;

    internal SampledGram(SourceNetwork network, RowMatrix inputs, FreeParameters free, Prior prior, bool inDouble)
    {
        _network = network;
        _inputs = inputs;
        _free = free;
        _prior = prior;
        InDouble = inDouble;
        _matrix = TensorInterop.Own(torch.zeros(free.Count, free.Count, dtype: VectorBlocks.TypeOf(inDouble), device: network.Device));
    }

    internal bool InDouble { get; }

    internal bool IsComplete => _done == _inputs.Rows;

    internal long Bytes => _matrix.numel() * _matrix.ElementSize;

    private int Step => (int)Math.Clamp(DenseNumbers / ((long)_network.Model.Spec.ParameterCount * _network.Model.Spec.Outputs), 1, 2_048);

    /// <summary>Adds the next rows.</summary>
    internal void AddNext()
    {
        int count = Math.Min(Step, _inputs.Rows - _done);
        using DisposeScope scope = torch.NewDisposeScope();
        using JacobianFactors factors = _network.Linearise(_inputs.Slice(_done, count));
        torch.Tensor rows = _free.Rows(factors, _matrix.dtype).mul_(NoiseWeights.Of(factors, _prior, _matrix.dtype).sqrt());
        for (int band = 0; band < _free.Count; band += BandRows)
        {
            int width = Math.Min(BandRows, _free.Count - band);
            using DisposeScope inner = torch.NewDisposeScope();
            torch.Tensor target = _matrix.narrow(0, band, width).narrow(1, 0, band + width);
            target.addmm_(rows.narrow(1, band, width).t(), rows.narrow(1, 0, band + width), 1, 1);
        }

        _done += count;
    }

    /// <summary>Rows [start, start + count), columns [0, start + count), as bytes. What lies above the diagonal is not to be used.</summary>
    internal byte[] Rows(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, _free.Count - count);
        using DisposeScope scope = torch.NewDisposeScope();
        return VectorBlocks.ToBytes(_matrix.narrow(0, start, count).narrow(1, 0, start + count));
    }

    public void Dispose() => _matrix.Dispose();
}
