namespace AdaptCluster.Cli.Tables;

/// <summary>A column whose rows are lists of numbers, all of one length: images, sequences.</summary>
internal abstract class TensorColumn(string name, int length, int rowCount) : TableColumn(name, ColumnKind.Tensor, rowCount)
{
    /// <summary>How many numbers a row has.</summary>
    public int Length { get; } = length;

    /// <summary>Writes a row's <see cref="Length"/> numbers.</summary>
    public abstract void CopyTo(int row, Span<double> destination);

    /// <summary>The column with rows of another length where it can be read so, else null.</summary>
    public virtual TensorColumn? WithLength(int length) => length == Length ? this : null;

    /// <inheritdoc/>
    public sealed override string Text(int row) => "";
}
