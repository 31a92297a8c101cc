using System.Collections.Frozen;
using AdaptCluster.Formats.Tensors;

namespace AdaptCluster.Formats.PyTorch;

/// <summary>
/// The names that a state dictionary may refer to, and what each stands for here. Nothing is ever looked up by a name from
/// a file but in this table.
/// </summary>
/// <param name="Role">What it does.</param>
/// <param name="Type">The elements, for a storage; null for one of bytes without a type.</param>
internal sealed record PickleGlobal(PickleRole Role, ElementType? Type = null)
{
    private static readonly FrozenDictionary<string, PickleGlobal> Known = new Dictionary<string, PickleGlobal>(StringComparer.Ordinal)
    {
        ["collections.OrderedDict"] = new(PickleRole.Dictionary),
        ["torch._utils._rebuild_tensor_v2"] = new(PickleRole.Tensor),
        ["torch._utils._rebuild_parameter"] = new(PickleRole.Parameter),
        ["torch._utils._rebuild_parameter_with_state"] = new(PickleRole.Parameter),
        ["torch.HalfStorage"] = new(PickleRole.Storage, ElementType.Float16),
        ["torch.BFloat16Storage"] = new(PickleRole.Storage, ElementType.BFloat16),
        ["torch.FloatStorage"] = new(PickleRole.Storage, ElementType.Float32),
        ["torch.DoubleStorage"] = new(PickleRole.Storage, ElementType.Float64),
        ["torch.CharStorage"] = new(PickleRole.Storage, ElementType.Int8),
        ["torch.ByteStorage"] = new(PickleRole.Storage, ElementType.UInt8),
        ["torch.ShortStorage"] = new(PickleRole.Storage, ElementType.Int16),
        ["torch.IntStorage"] = new(PickleRole.Storage, ElementType.Int32),
        ["torch.LongStorage"] = new(PickleRole.Storage, ElementType.Int64),
        ["torch.BoolStorage"] = new(PickleRole.Storage, ElementType.Bool),
        ["torch.storage.UntypedStorage"] = new(PickleRole.Storage),

        // Values that checkpoints have beside their tensors, and that are ignored.
        ["torch.Size"] = new(PickleRole.Ignored),
        ["torch.device"] = new(PickleRole.Ignored),
        ["torch.float16"] = new(PickleRole.Ignored),
        ["torch.bfloat16"] = new(PickleRole.Ignored),
        ["torch.float32"] = new(PickleRole.Ignored),
        ["torch.float64"] = new(PickleRole.Ignored),
        ["torch.int64"] = new(PickleRole.Ignored),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What a name stands for; null where it may not be referred to.</summary>
    public static PickleGlobal? Find(string module, string name) => Known.GetValueOrDefault($"{module}.{name}");
}
