namespace AdaptCluster.Formats.PyTorch;

/// <summary>What a global of a pickle does here.</summary>
internal enum PickleRole
{
    /// <summary>Makes an empty dictionary.</summary>
    Dictionary,

    /// <summary>Makes a tensor from a storage, an offset, lengths and strides.</summary>
    Tensor,

    /// <summary>Wraps a tensor that is trained.</summary>
    Parameter,

    /// <summary>Names the elements of a storage.</summary>
    Storage,

    /// <summary>Makes, or is, a value that is ignored.</summary>
    Ignored,
}
