using AdaptCluster.Formats.Tensors;

namespace AdaptCluster.Formats.PyTorch;

/// <summary>A reference to the numbers of tensors, which are in an archive entry of their own.</summary>
/// <param name="Type">The elements; null for bytes without a type.</param>
/// <param name="Key">A text: the last part of the entry's name.</param>
/// <param name="Count">How many elements.</param>
internal sealed record PickleStorage(ElementType? Type, PickleValue Key, long Count);
