using AdaptCluster.Formats;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Import.Weights;

/// <summary>Joins a network's structure with tensors by name: those of a safetensors file or a state dictionary.</summary>
public static class SpecWithWeights
{
    private const string Remedy = "rename the tensors or the weight, bias, mean and variance of the nodes in the structure";

    // Batch norms of PyTorch count their batches; nothing reads it.
    private const string Counter = "num_batches_tracked";
    private const int Listed = 8;

    /// <summary>Weights for a network: numbers of 16, 32 or 64 bits become 32.</summary>
    /// <param name="spec">The structure; its parameters, statistics and constants are looked up by name.</param>
    /// <param name="tensors">The tensors; num_batches_tracked is ignored.</param>
    /// <param name="file">The file as errors name it.</param>
    /// <exception cref="ModelFileException">A tensor is missing, unused, of another shape, no number, or not finite.</exception>
    /// <exception cref="ArgumentException">The network is a TorchScript program, which has its own weights.</exception>
    public static NetworkWeights Read(NetworkSpec spec, IReadOnlyList<NamedTensor> tensors, string file)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(file);
        if (spec.Nodes.Any(node => node is Numerics.Networks.Nodes.ScriptNode))
        {
            throw new ArgumentException("The network is a TorchScript program, which has its own weights.", nameof(spec));
        }

        var byName = new Dictionary<string, NamedTensor>(StringComparer.Ordinal);
        foreach (NamedTensor tensor in tensors.Where(t => t.Name != Counter && !t.Name.EndsWith("." + Counter, StringComparison.Ordinal)))
        {
            if (!byName.TryAdd(tensor.Name, tensor))
            {
                throw new ModelFileException(file, Where(tensor.Name), "two tensors have this name", "save each tensor once");
            }
        }

        RequireNames(spec, byName, file);
        float[] values = Gather(spec.Blocks, byName, file);
        float[] others = Gather(spec.Fixed, byName, file);
        try
        {
            return new NetworkWeights(spec, values, others);
        }
        catch (ArgumentException error)
        {
            throw new ModelFileException(file, null, error.Message.Split(" (Parameter")[0].TrimEnd('.'), "save the weights again, in evaluation mode", error);
        }
    }

    private static void RequireNames(NetworkSpec spec, Dictionary<string, NamedTensor> tensors, string file)
    {
        var wanted = spec.Blocks.Concat(spec.Fixed).Select(b => b.Name).ToHashSet(StringComparer.Ordinal);
        string[] missing = [.. wanted.Where(name => !tensors.ContainsKey(name))];
        string[] unused = [.. tensors.Keys.Where(name => !wanted.Contains(name))];
        if (missing.Length + unused.Length == 0)
        {
            return;
        }

        string[] problems =
        [
            .. missing.Length > 0 ? new[] { $"the structure needs {List(missing)}, which the file does not have" } : [],
            .. unused.Length > 0 ? new[] { $"the file has {List(unused)}, which the structure does not name" } : [],
        ];
        throw new ModelFileException(file, null, string.Join("; ", problems), Remedy);
    }

    private static string List(string[] names) =>
        $"{string.Join(", ", names.Order(StringComparer.Ordinal).Take(Listed).Select(ModelErrors.Quote))}{(names.Length > Listed ? $" and {names.Length - Listed} more" : string.Empty)}";

    private static float[] Gather(System.Collections.Immutable.ImmutableArray<ParameterBlock> blocks, Dictionary<string, NamedTensor> tensors, string file)
    {
        var values = new float[blocks.IsEmpty ? 0 : blocks[^1].Offset + blocks[^1].Count];
        foreach (ParameterBlock block in blocks)
        {
            NamedTensor tensor = tensors[block.Name];
            if (!tensor.Shape.SequenceEqual(block.Shape))
            {
                throw new ModelFileException(
                    file, Where(block.Name), $"its shape is [{string.Join(", ", tensor.Shape)}], the structure's [{string.Join(", ", block.Shape)}]", "correct the structure, or take the file that belongs to it");
            }

            float[] elements = tensor.ToSingles();
            int bad = Array.FindIndex(elements, v => !float.IsFinite(v));
            if (bad >= 0)
            {
                throw new ModelFileException(file, Where(block.Name), $"its element {bad} is not finite in 32 bits", "save weights that did not diverge");
            }

            elements.CopyTo(values, block.Offset);
        }

        return values;
    }

    private static string Where(string name) => $"tensor {ModelErrors.Quote(name)}";
}
