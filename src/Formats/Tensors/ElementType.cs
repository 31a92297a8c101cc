namespace AdaptCluster.Formats.Tensors;

/// <summary>What one element of a tensor in a model file is; all are little-endian.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 binary16, 2 bytes.</summary>
    Float16,

    /// <summary>The upper half of an IEEE 754 binary32, 2 bytes.</summary>
    BFloat16,

    /// <summary>IEEE 754 binary32, 4 bytes.</summary>
    Float32,

    /// <summary>IEEE 754 binary64, 8 bytes.</summary>
    Float64,

    /// <summary>Signed, 1 byte.</summary>
    Int8,

    /// <summary>Unsigned, 1 byte.</summary>
    UInt8,

    /// <summary>Signed, 2 bytes.</summary>
    Int16,

    /// <summary>Signed, 4 bytes.</summary>
    Int32,

    /// <summary>Signed, 8 bytes.</summary>
    Int64,

    /// <summary>1 byte; 0 is false, everything else true.</summary>
    Bool,
}
