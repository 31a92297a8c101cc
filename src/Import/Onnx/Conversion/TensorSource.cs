using AdaptCluster.Import.Onnx.Reading;

namespace AdaptCluster.Import.Onnx.Conversion;

/// <summary>Where the values of one of the network's tensors come from.</summary>
internal sealed class TensorSource
{
    private readonly OnnxTensor? _tensor;
    private readonly float[] _values;
    private readonly bool _isTransposed;

    /// <param name="tensor">A tensor of the file.</param>
    /// <param name="isTransposed">Whether the network stores the matrix transposed.</param>
    internal TensorSource(OnnxTensor tensor, bool isTransposed)
    {
        _tensor = tensor;
        _values = [];
        _isTransposed = isTransposed;
    }

    internal TensorSource(float[] values)
    {
        _values = values;
    }

    /// <summary>The bytes that a number takes in the file.</summary>
    internal int BytesPerNumber => _tensor is null ? sizeof(float) : Math.Min(sizeof(float), OnnxTypes.SizeOf((int)_tensor.Type));

    /// <summary>Writes the values where they belong; without a copy in between.</summary>
    internal void CopyTo(Span<float> target)
    {
        if (_tensor is null)
        {
            _values.CopyTo(target);
            return;
        }

        if (!_isTransposed)
        {
            _tensor.CopyTo(target);
            return;
        }

        (int rows, int columns) = (_tensor.Shape[0], _tensor.Shape[1]);
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                target[(c * rows) + r] = (float)_tensor[(r * columns) + c];
            }
        }
    }
}
