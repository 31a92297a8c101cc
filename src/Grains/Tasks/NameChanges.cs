namespace AdaptCluster.Grains.Tasks;

/// <summary>Names that came to a list, and that left it. Only what changes it is told to it.</summary>
internal sealed class NameChanges
{
    private readonly HashSet<string> _added = new(StringComparer.Ordinal);
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);

    public NameChanges()
    {
    }

    public NameChanges(TaskIndexChanges? changes)
    {
        _added.UnionWith(changes?.Added ?? []);
        _removed.UnionWith(changes?.Removed ?? []);
    }

    public int Count => _added.Count + _removed.Count;

    public void Add(string name)
    {
        if (!_removed.Remove(name))
        {
            _added.Add(name);
        }
    }

    public void Remove(string name)
    {
        if (!_added.Remove(name))
        {
            _removed.Add(name);
        }
    }

    /// <summary>Adds what came later.</summary>
    public NameChanges Then(NameChanges later)
    {
        foreach (string name in later._added)
        {
            Add(name);
        }

        foreach (string name in later._removed)
        {
            Remove(name);
        }

        return this;
    }

    public TaskIndexChanges ToState() => new([.. _added], [.. _removed]);
}
