namespace AdaptCluster.Formats.PyTorch;

/// <summary>A tensor as a pickle describes it, not checked yet: tensors that nobody asks for need not be readable.</summary>
/// <param name="Storage">Where its numbers are.</param>
/// <param name="Offset">Where its first element is, in elements.</param>
/// <param name="Shape">The lengths.</param>
/// <param name="Strides">The steps, in elements.</param>
/// <param name="IsPlain">Whether no flag (negated, conjugated) changes what the numbers mean.</param>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, PickleValue[] Shape, PickleValue[] Strides, bool IsPlain);
