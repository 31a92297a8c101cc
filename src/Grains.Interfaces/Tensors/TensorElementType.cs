namespace AdaptCluster.Grains.Interfaces.Tensors;

/// <summary>What one element of a tensor is.</summary>
public enum TensorElementType
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32 = 0,

    /// <summary>IEEE 754 binary64.</summary>
    Float64 = 1,

    /// <summary>Bytes: parts of files.</summary>
    UInt8 = 2,
}
