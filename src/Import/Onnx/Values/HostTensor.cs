using System.Collections.Immutable;

namespace AdaptCluster.Import.Onnx.Values;

/// <summary>What the elements of a known tensor are.</summary>
internal enum HostKind
{
    /// <summary>Numbers.</summary>
    Real,

    /// <summary>Whole numbers.</summary>
    Whole,

    /// <summary>0 and 1.</summary>
    Truth,
}

/// <summary>A small tensor whose values are known when the file is read, but for the number of rows.</summary>
internal sealed record HostTensor(HostKind Kind, ImmutableArray<int> Shape, ImmutableArray<Number> Values)
{
    internal static HostTensor Whole(ReadOnlySpan<Number> values) => new(HostKind.Whole, [values.Length], [.. values]);

    internal static HostTensor Scalar(HostKind kind, Number value) => new(kind, [], [value]);
}
