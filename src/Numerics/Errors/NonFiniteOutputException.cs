namespace AdaptCluster.Numerics.Errors;

/// <summary>The network's output is infinite or not a number for a finite input.</summary>
public sealed class NonFiniteOutputException : NumericsException
{
    internal NonFiniteOutputException(int row)
        : base($"The network's output for input row {row} is not finite. Remove the row or bring its inputs into the range the network was " +
               "trained on; if every row fails, the weights have overflowed: train the network again with a lower learning rate.")
    {
        Row = row;
    }

    /// <summary>The first offending row, counted from 0.</summary>
    public int Row { get; }
}
