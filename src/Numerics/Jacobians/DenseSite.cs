using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// The Jacobian factors of one dense layer. Row (i, o) of the weight block is the outer product G[i,o,:] (x) A[i,:], that of the bias block
/// is G[i,o,:]. A column of ones after A makes the bias one more input, so both blocks are one product. Owns its tensors.
/// </summary>
internal sealed class DenseSite : IDisposable
{
    internal DenseSite(int layer, torch.Tensor reads, torch.Tensor cotangents, NetworkSpec spec)
    {
        WeightBlock = 2 * layer;
        BiasBlock = (2 * layer) + 1;
        Weight = spec.Blocks[WeightBlock];
        Bias = spec.Blocks[BiasBlock];
        Reads = TensorInterop.Own(reads);
        Cotangents = TensorInterop.Own(cotangents);
    }

    private DenseSite(DenseSite whole, torch.Tensor reads, torch.Tensor cotangents)
    {
        WeightBlock = whole.WeightBlock;
        BiasBlock = whole.BiasBlock;
        Weight = whole.Weight;
        Bias = whole.Bias;
        Reads = TensorInterop.Own(reads);
        Cotangents = TensorInterop.Own(cotangents);
    }

    internal int WeightBlock { get; }

    internal int BiasBlock { get; }

    internal ParameterBlock Weight { get; }

    internal ParameterBlock Bias { get; }

    /// <summary>A with a last column of ones, [n, d_in + 1].</summary>
    internal torch.Tensor Reads { get; }

    /// <summary>G, [n c, d_out], row index i c + o.</summary>
    internal torch.Tensor Cotangents { get; }

    internal int InputWidth => Weight.Shape[1];

    internal int OutputWidth => Weight.Shape[0];

    public void Dispose()
    {
        Reads.Dispose();
        Cotangents.Dispose();
    }

    /// <summary>Rows [start, start + count) as views that share this site's memory.</summary>
    internal DenseSite Slice(int start, int count, int outputs) =>
        new(this, Reads.narrow(0, start, count), Cotangents.narrow(0, (long)start * outputs, (long)count * outputs));

    /// <summary>J_s u, [n c, k], for the flat u, [p, k]. 2 n (d_in + 1 + c) d_out k flops.</summary>
    internal torch.Tensor Apply(torch.Tensor u, int outputs)
    {
        long n = Reads.shape[0];
        long k = u.shape[1];
        torch.Tensor weight = u.narrow(0, Weight.Offset, Weight.Count).view(OutputWidth, InputWidth, k).transpose(0, 1).reshape(InputWidth, OutputWidth * k);
        torch.Tensor bias = u.narrow(0, Bias.Offset, Bias.Count).reshape(1, OutputWidth * k);
        torch.Tensor pushed = torch.mm(Reads, torch.cat([weight, bias], dim: 0)).view(n, OutputWidth, k);
        return torch.bmm(Cotangents.view(n, outputs, OutputWidth), pushed).view(n * outputs, k);
    }

    /// <summary>J_s^T v as the weight block [d_out d_in, k] and the bias block [d_out, k], for v of [n c, k].</summary>
    internal (torch.Tensor Weight, torch.Tensor Bias) ApplyTranspose(torch.Tensor v, int outputs)
    {
        long n = Reads.shape[0];
        long k = v.shape[1];
        torch.Tensor pulled = torch.bmm(Cotangents.view(n, outputs, OutputWidth).transpose(1, 2), v.reshape(n, outputs, k));
        torch.Tensor both = torch.mm(pulled.view(n, OutputWidth * k).t(), Reads).view(OutputWidth, k, InputWidth + 1).transpose(1, 2);
        return (both.narrow(1, 0, InputWidth).reshape(Weight.Count, k), both.select(1, InputWidth));
    }

    /// <summary>The dense rows: weight block [n c, d_out d_in] and bias block [n c, d_out].</summary>
    internal (torch.Tensor Weight, torch.Tensor Bias) ToDense(int outputs)
    {
        long n = Reads.shape[0];
        torch.Tensor g = Cotangents.view(n, outputs, OutputWidth, 1);
        torch.Tensor a = Reads.narrow(1, 0, InputWidth).view(n, 1, 1, InputWidth);
        return ((g * a).view(n * outputs, Weight.Count), Cotangents);
    }
}
