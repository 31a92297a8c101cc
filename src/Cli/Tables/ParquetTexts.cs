namespace AdaptCluster.Cli.Tables;

/// <summary>A column of strings, repeated ones pooled.</summary>
internal sealed class ParquetTexts(string name, int rowCount, bool nullable) : ParquetValues<ReadOnlyMemory<char>>(rowCount, nullable)
{
    private readonly string[] _values = new string[rowCount];
    private readonly StringPool _pool = new();

    /// <inheritdoc/>
    public override TableColumn ToColumn() => new TextColumn(name, _values);

    /// <inheritdoc/>
    protected override void Set(int row, ReadOnlyMemory<char> value) => _values[row] = _pool.Get(value.Span);

    /// <inheritdoc/>
    protected override void SetMissing(int row) => _values[row] = "";
}
