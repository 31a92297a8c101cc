using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Numerics.Data;

/// <summary>The observations of one task, in the data's own units.</summary>
public sealed class TaskData
{
    /// <summary>Pairs inputs with targets, row by row.</summary>
    /// <param name="inputs">[n, d].</param>
    /// <param name="targets">[n, c].</param>
    /// <exception cref="ArgumentException">The numbers of rows differ, or a value is not finite.</exception>
    public TaskData(RowMatrix inputs, RowMatrix targets)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        if (inputs.Rows != targets.Rows)
        {
            throw new ArgumentException($"There are {inputs.Rows} rows of inputs but {targets.Rows} rows of targets.", nameof(targets));
        }

        ThrowIfNotFinite(inputs, nameof(inputs));
        ThrowIfNotFinite(targets, nameof(targets));
        Inputs = inputs;
        Targets = targets;
    }

    /// <summary>The inputs, [n, d].</summary>
    public RowMatrix Inputs { get; }

    /// <summary>The targets, [n, c].</summary>
    public RowMatrix Targets { get; }

    /// <summary>The number of observed rows, n.</summary>
    public int Rows => Inputs.Rows;

    /// <summary>A copy of <paramref name="count"/> rows from <paramref name="start"/> on; the data itself when that is all of it.</summary>
    public TaskData Slice(int start, int count) => count == Rows ? this : new TaskData(Inputs.Slice(start, count), Targets.Slice(start, count));

    /// <summary>A copy of the named rows, in that order.</summary>
    public TaskData SelectRows(ReadOnlySpan<int> rows) => new(Inputs.SelectRows(rows), Targets.SelectRows(rows));

    /// <summary>A seeded sample of the rows, one at random from each of as many equal strata, in their order; the data itself where so many are asked for.</summary>
    /// <param name="rows">How many, at least 1.</param>
    /// <param name="seed">The same seed gives the same rows.</param>
    public TaskData Sample(int rows, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        return rows >= Rows ? this : SelectRows(RowSample.Within(new RowRange(0, Rows), Rows, rows, seed));
    }

    internal static void ThrowIfNotFinite(RowMatrix matrix, string name)
    {
        int row = matrix.FirstNonFiniteRow();
        if (row >= 0)
        {
            throw new ArgumentException($"Row {row} of the {name} holds an infinity or a NaN: remove the row or fill in the value.", name);
        }
    }
}
