namespace AdaptCluster.Formats.PyTorch;

/// <summary>A dictionary of a pickle: its pairs in order. Most that a state dictionary has stay empty.</summary>
internal sealed class PickleDictionary
{
    private List<(PickleValue Key, PickleValue Value)>? _pairs;

    public IReadOnlyList<(PickleValue Key, PickleValue Value)> Pairs => _pairs ?? [];

    public void Add(PickleValue key, PickleValue value) => (_pairs ??= []).Add((key, value));
}
