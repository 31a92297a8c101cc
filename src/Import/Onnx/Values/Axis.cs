namespace AdaptCluster.Import.Onnx.Values;

/// <summary>
/// One axis of an ONNX value: of a fixed length, or with the rows inside: left x N x right, for any number of rows N. "N x heads" is what
/// attention merges; a plain axis of rows is 1 x N x 1.
/// </summary>
/// <param name="Left">The length, or what is outside of the rows.</param>
/// <param name="Right">What is inside of the rows; 1 for an axis of fixed length.</param>
/// <param name="HasRows">Whether the rows are in it.</param>
internal readonly record struct Axis(int Left, int Right, bool HasRows)
{
    /// <summary>The axis of rows alone.</summary>
    internal static Axis Rows => new(1, 1, true);

    /// <summary>Its length for one row.</summary>
    internal int Length => Left * Right;

    /// <summary>Whether it is the axis of rows alone, of which nothing is left for one row.</summary>
    internal bool IsRows => HasRows && Length == 1;

    /// <summary>Its length as a number of shape arithmetic.</summary>
    internal Number Number => new(Length, HasRows);

    internal static Axis Of(int length) => new(length, 1, false);

    /// <inheritdoc/>
    public override string ToString() => !HasRows ? $"{Left}" : IsRows ? "N" : Left == 1 ? $"N*{Right}" : Right == 1 ? $"{Left}*N" : $"{Left}*N*{Right}";
}
