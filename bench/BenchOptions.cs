namespace AdaptCluster.Bench;

/// <summary>What follows the scenario on the command line: names that begin with two dashes, each with a value.</summary>
internal sealed class BenchOptions(IReadOnlyList<string> arguments)
{
    /// <summary>The value of a name; null where it is not given.</summary>
    public string? Find(string name)
    {
        int at = arguments.ToList().IndexOf(name);
        return at >= 0 && at + 1 < arguments.Count ? arguments[at + 1] : null;
    }
}
