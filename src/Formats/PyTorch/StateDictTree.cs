using AdaptCluster.Formats.Tensors;

namespace AdaptCluster.Formats.PyTorch;

/// <summary>Collects the tensors of a dictionary and of those in it, by their path.</summary>
internal sealed class StateDictTree(PickleBytes pickle, PickleStorages storages, ModelSource source)
{
    private const int MaxDepth = 32;

    private readonly List<NamedTensor> _tensors = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The tensors under what the file holds, in order.</summary>
    /// <exception cref="ModelFileException">It is no dictionary, holds no tensors, or one cannot be read.</exception>
    public IReadOnlyList<NamedTensor> Collect(PickleValue top)
    {
        if (top.As<PickleDictionary>() is not PickleDictionary dictionary)
        {
            throw source.Wrong(null, $"it holds {top.Kind}, not tensors by name", Remedies.SaveStateDict);
        }

        Collect(Find(dictionary, "state_dict"u8) ?? Find(dictionary, "model"u8) ?? dictionary, string.Empty, 1);
        return _tensors.Count > 0 ? _tensors : throw source.Wrong(null, "it holds no tensors", Remedies.SaveStateDict);
    }

    private void Collect(PickleDictionary dictionary, string prefix, int depth)
    {
        if (depth > MaxDepth)
        {
            throw source.Wrong(null, $"its dictionaries are nested more than {MaxDepth} deep", Remedies.SaveStateDict);
        }

        foreach ((PickleValue key, PickleValue value) in dictionary.Pairs)
        {
            // A dictionary can be in many others, and they in more: what is visited counts, whether or not it holds tensors.
            source.Budget.Take(MemoryBudget.Object);
            if (value.As<PickleTensor>() is PickleTensor tensor)
            {
                Add(PathOf(prefix, key), tensor);
            }
            else if (value.As<PickleDictionary>() is { Pairs.Count: > 0 } inner)
            {
                Collect(inner, PathOf(prefix, key) + ".", depth + 1);
            }
        }
    }

    private void Add(string name, PickleTensor tensor)
    {
        if (!_names.Add(name))
        {
            throw source.Wrong($"tensor {Quote.One(name)}", "it is there twice", Remedies.SaveStateDict);
        }

        _tensors.Add(storages.Read(name, tensor));
    }

    private string PathOf(string prefix, PickleValue key)
    {
        int length = key.IsText ? key.Text.Length : 20;
        source.Budget.Take((2 * MemoryBudget.Object) + (4L * prefix.Length) + (6L * length));
        return key switch
        {
            { IsText: true } => prefix + pickle.TextOf(key),
            { IsInteger: true } => prefix + key.Integer,
            _ => throw source.Wrong(null, $"{key.Kind} is the name of a tensor in {Quote.One(prefix)}", Remedies.SaveStateDict),
        };
    }

    private PickleDictionary? Find(PickleDictionary dictionary, ReadOnlySpan<byte> name)
    {
        foreach ((PickleValue key, PickleValue value) in dictionary.Pairs)
        {
            if (key.IsText && pickle.Utf8Of(key).SequenceEqual(name) && value.As<PickleDictionary>() is PickleDictionary found)
            {
                return found;
            }
        }

        return null;
    }
}
