using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// What multiplies a weight at T positions, A [n, T, d_in]: kept as it is for a sequence, and as the image for a convolution, whose patches
/// (kernel-size times as many numbers) are cut when they are wanted. Owns its tensor.
/// </summary>
internal sealed class Patches : IDisposable
{
    private readonly torch.Tensor _values;
    private readonly ConvolutionNode? _convolution;

    /// <param name="values">[n, T, d_in], or the convolution's input, [n, C, ...].</param>
    /// <param name="convolution">The convolution, or null.</param>
    internal Patches(torch.Tensor values, ConvolutionNode? convolution)
    {
        _values = TensorInterop.Own(values);
        _convolution = convolution;
    }

    internal long Numbers => _values.numel();

    public void Dispose() => _values.Dispose();

    internal Patches Slice(int start, int count) => new(_values.narrow(0, start, count), _convolution);

    internal Patches InDouble() => new(_values.to(torch.ScalarType.Float64), _convolution);

    /// <summary>[count, T, d_in] of inputs [start, start + count). In the caller's scope.</summary>
    internal torch.Tensor At(int start, int count)
    {
        torch.Tensor values = _values.narrow(0, start, count);
        return _convolution is null ? values : Unfold(values, _convolution).transpose(1, 2);
    }

    /// <summary>The patches of a convolution, [n, C k, T].</summary>
    internal static torch.Tensor Unfold(torch.Tensor image, ConvolutionNode convolution)
    {
        Window w = convolution.WindowOf(convolution.Kernel.Length);
        if (w.Kernel.Length == 2)
        {
            return torch.nn.functional.unfold(
                image, (w.Kernel[0], w.Kernel[1]), (w.Dilation[0], w.Dilation[1]), (w.Padding[0], w.Padding[1]), (w.Stride[0], w.Stride[1]));
        }

        return torch.nn.functional.unfold(image.unsqueeze(2), (1, w.Kernel[0]), (1, w.Dilation[0]), (0, w.Padding[0]), (1, w.Stride[0]));
    }
}
