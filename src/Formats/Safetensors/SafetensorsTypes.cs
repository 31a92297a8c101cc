using AdaptCluster.Formats.Tensors;

namespace AdaptCluster.Formats.Safetensors;

/// <summary>What the format calls its element types.</summary>
internal static class SafetensorsTypes
{
    public static string NameOf(ElementType type) => type switch
    {
        ElementType.Float16 => "F16",
        ElementType.BFloat16 => "BF16",
        ElementType.Float32 => "F32",
        ElementType.Float64 => "F64",
        ElementType.Int8 => "I8",
        ElementType.UInt8 => "U8",
        ElementType.Int16 => "I16",
        ElementType.Int32 => "I32",
        ElementType.Int64 => "I64",
        ElementType.Bool => "BOOL",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "is no element type"),
    };

    /// <summary>The type of a name; null where the name is no type that is read.</summary>
    public static ElementType? TypeOf(string name) => name switch
    {
        "F16" => ElementType.Float16,
        "BF16" => ElementType.BFloat16,
        "F32" => ElementType.Float32,
        "F64" => ElementType.Float64,
        "I8" => ElementType.Int8,
        "U8" => ElementType.UInt8,
        "I16" => ElementType.Int16,
        "I32" => ElementType.Int32,
        "I64" => ElementType.Int64,
        "BOOL" => ElementType.Bool,
        _ => null,
    };
}
