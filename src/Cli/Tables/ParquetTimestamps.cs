namespace AdaptCluster.Cli.Tables;

/// <summary>A column of dates and times; the decoder's guess at a zone is dropped, the clock reading kept.</summary>
internal sealed class ParquetTimestamps(string name, int rowCount, bool nullable) : ParquetValues<DateTime>(rowCount, nullable)
{
    private readonly DateTime[] _values = new DateTime[rowCount];

    /// <inheritdoc/>
    public override TableColumn ToColumn() => new TimestampColumn(name, _values, Missing);

    /// <inheritdoc/>
    protected override void Set(int row, DateTime value) => _values[row] = DateTime.SpecifyKind(value, DateTimeKind.Unspecified);
}
