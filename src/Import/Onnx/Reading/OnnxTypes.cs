using DataType = OnnxSchema.TensorProto.Types.DataType;

namespace AdaptCluster.Import.Onnx.Reading;

/// <summary>The element types of ONNX that are read.</summary>
internal static class OnnxTypes
{
    internal static bool IsFloat(int type) => (DataType)type is DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16;

    internal static bool IsInteger(int type) =>
        (DataType)type is DataType.Int64 or DataType.Int32 or DataType.Int16 or DataType.Int8 or DataType.Uint8 or DataType.Uint16;

    /// <summary>Bytes of an element; 0 for types that are not read.</summary>
    internal static int SizeOf(int type) => (DataType)type switch
    {
        DataType.Double or DataType.Int64 => 8,
        DataType.Float or DataType.Int32 => 4,
        DataType.Float16 or DataType.Bfloat16 or DataType.Int16 or DataType.Uint16 => 2,
        DataType.Int8 or DataType.Uint8 or DataType.Bool => 1,
        _ => 0,
    };

    internal static string Name(int type) => Enum.IsDefined((DataType)type) ? ((DataType)type).ToString().ToLowerInvariant() : $"of the unknown type {type}";
}
