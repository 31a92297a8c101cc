namespace AdaptCluster.Numerics.Errors;

/// <summary>An input that is an index of an embedding is not whole or lies outside its table.</summary>
public sealed class InvalidIndexException : NumericsException
{
    internal InvalidIndexException(int row, string node, double value, int entries)
        : base($"Row {row}: '{node}' looks up {value}, but its table has the entries 0 to {entries - 1}. Correct the row's index, or leave the row out.")
    {
        Row = row;
    }

    /// <summary>The first offending row, counted from 0, of those that were computed together.</summary>
    public int Row { get; }
}
