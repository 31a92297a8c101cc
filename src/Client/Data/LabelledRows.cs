namespace AdaptCluster.Client.Data;

/// <summary>Inputs and targets of the same rows.</summary>
public sealed class LabelledRows
{
    /// <summary>Pairs inputs with targets.</summary>
    /// <exception cref="ArgumentException">They have different numbers of rows.</exception>
    public LabelledRows(Rows inputs, Rows targets)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        if (inputs.Count != targets.Count)
        {
            throw new ArgumentException($"{inputs.Count} rows of inputs do not go with {targets.Count} rows of targets.", nameof(targets));
        }

        Inputs = inputs;
        Targets = targets;
    }

    /// <summary>The inputs, <c>[n, d]</c>.</summary>
    public Rows Inputs { get; }

    /// <summary>The targets, <c>[n, c]</c>.</summary>
    public Rows Targets { get; }

    /// <summary>How many rows.</summary>
    public int Count => Inputs.Count;

    /// <summary>A copy of some rows, in the order given.</summary>
    public LabelledRows Select(ReadOnlySpan<int> rows) => new(Inputs.Select(rows), Targets.Select(rows));

    /// <summary>A copy of consecutive rows.</summary>
    public LabelledRows Slice(int start, int count) => new(Inputs.Slice(start, count), Targets.Slice(start, count));
}
