namespace AdaptCluster.Formats.Tensors;

/// <summary>A tensor that steps through a storage: element (i, j, ...) is at offset + i strides[0] + j strides[1] + ...</summary>
/// <param name="storage">The storage's bytes.</param>
/// <param name="elementSize">The bytes of one element.</param>
/// <param name="offset">Where the first element is, in elements.</param>
/// <param name="shape">The lengths, none negative.</param>
/// <param name="strides">The steps in elements, as many as lengths, none negative.</param>
internal readonly ref struct StridedView(
    ReadOnlyMemory<byte> storage, int elementSize, long offset, ReadOnlySpan<int> shape, ReadOnlySpan<long> strides)
{
    private readonly ReadOnlySpan<int> _shape = shape;
    private readonly ReadOnlySpan<long> _strides = strides;

    /// <summary>The number of elements; -1 where no array could hold as many.</summary>
    public int Count { get; } = TensorSize.Count(shape);

    /// <summary>Whether every element is in the storage. All that follows relies on it.</summary>
    public bool IsWithinStorage()
    {
        if (Count <= 0)
        {
            return Count == 0;
        }

        Int128 last = offset;
        for (int i = 0; i < _shape.Length; i++)
        {
            last += (Int128)(_shape[i] - 1) * _strides[i];
        }

        return offset >= 0 && last < storage.Length / elementSize;
    }

    /// <summary>Whether the elements lie one after the other, row-major: then <see cref="Slice"/> gives them.</summary>
    public bool IsContiguous()
    {
        long expected = 1;
        for (int i = _shape.Length - 1; i >= 0 && Count > 0; i--)
        {
            // The stride of a single element is never used.
            if (_shape[i] != 1 && _strides[i] != expected)
            {
                return false;
            }

            expected *= _shape[i];
        }

        return true;
    }

    /// <summary>The elements without a copy; only where they are contiguous.</summary>
    public ReadOnlyMemory<byte> Slice() => Count == 0 ? default : storage.Slice((int)offset * elementSize, Count * elementSize);

    /// <summary>The elements row-major, copied.</summary>
    public byte[] Copy()
    {
        byte[] copy = GC.AllocateUninitializedArray<byte>(Count * elementSize);
        if (Count > 0)
        {
            Copy(storage.Span, copy, 0, offset);
        }

        return copy;
    }

    /// <summary>Copies what is below one index of the dimensions before; the number of bytes.</summary>
    private int Copy(ReadOnlySpan<byte> source, Span<byte> copy, int dimension, long at)
    {
        if (dimension >= _shape.Length - 1)
        {
            return CopyRow(source, copy, at);
        }

        int written = 0;
        for (int i = 0; i < _shape[dimension]; i++)
        {
            written += Copy(source, copy[written..], dimension + 1, at + (i * _strides[dimension]));
        }

        return written;
    }

    private int CopyRow(ReadOnlySpan<byte> source, Span<byte> copy, long at)
    {
        (int length, long stride) = _shape.IsEmpty ? (1, 1) : (_shape[^1], _strides[^1]);
        if (stride == 1)
        {
            source.Slice((int)at * elementSize, length * elementSize).CopyTo(copy);
        }
        else
        {
            for (int i = 0; i < length; i++)
            {
                source.Slice((int)(at + (i * stride)) * elementSize, elementSize).CopyTo(copy[(i * elementSize)..]);
            }
        }

        return length * elementSize;
    }
}
