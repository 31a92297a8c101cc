using AdaptCluster.Cli.Tables;
using Parquet;
using Parquet.Schema;

namespace AdaptCluster.Cli.Tests.Tables;

public sealed class ParquetTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Read_EveryFlatType_OverRowGroups_GivesValuesAndMissing()
    {
        var time = new DateTimeDataField("time", DateTimeFormat.Timestamp, false, DateTimeTimeUnit.Micros, isNullable: true);
        var schema = new ParquetSchema(
            new DataField<double?>("double"), new DataField<float>("float"), new DataField<long?>("long"), new DataField<int>("int"),
            new DataField<bool>("bool"), new DecimalDataField("decimal", 10, 2, isNullable: false), new DataField<string>("text"), time);
        DataField[] f = schema.DataFields;
        var noon = new DateTime(2001, 1, 1, 12, 0, 0, DateTimeKind.Utc);
        string path = _folder.File("types.parquet");
        await WriteAsync(path, schema, 2, async group =>
        {
            await group.WriteAsync<double>(f[0], new double?[] { 1.25, null });
            await group.WriteAsync<float>(f[1], new[] { .5f, 2f });
            await group.WriteAsync<long>(f[2], new long?[] { null, 9007199254740993 });
            await group.WriteAsync<int>(f[3], new[] { 7, -7 });
            await group.WriteAsync<bool>(f[4], new[] { true, false });
            await group.WriteAsync<decimal>(f[5], new[] { 1.25m, -3m });
            await group.WriteAsync(f[6], new[] { "a", null });
            await group.WriteAsync<DateTime>(f[7], new DateTime?[] { noon, null });
        });

        Table table = await Read(path);

        Assert.Equal((4, "row 3", 2), (table.RowCount, table.Place(2), table.SourceRow(2)));
        Assert.Equal([.5, 2, .5, 2], table.Numbers("float"));
        Assert.Equal([7, -7, 7, -7], table.Numbers("int"));
        Assert.Equal([1, 0, 1, 0], table.Numbers("bool"));
        Assert.Equal([1.25, -3, 1.25, -3], table.Numbers("decimal"));
        Assert.Equal(["7", "-7", "7", "-7"], table.TaskIds("int"));
        Assert.Equal(["9007199254740993", "9007199254740993"], table.DropMissing(["long"]).TaskIds("long"));
        Assert.Equal([1.25, 1.25], table.DropMissing(["double"]).Numbers("double"));
        Assert.Equal(["a", "a"], table.DropMissing(["text"]).Texts("text"));
        DateTime[] times = table.DropMissing(["time"]).Timestamps("time");
        Assert.Equal([noon, noon], times);
        Assert.All(times, read => Assert.Equal(DateTimeKind.Unspecified, read.Kind));
        Assert.Equal("2001-01-01T12:00:00", table.RequireColumn("time").Text(0));
        Assert.Equal(
            $"{path}, row 2, column 'double': the value is missing; fill it in, or pass --drop-missing to leave such rows out.",
            Assert.Throws<TableException>(() => table.Numbers("double")).Message);
        Assert.Equal(
            $"{path}, column 'time': this is a timestamp, not a number; derive numeric columns from it (hour, weekday, day).",
            Assert.Throws<TableException>(() => table.Numbers("time")).Message);
        Assert.Equal(
            $"{path}, column 'int': this is not a timestamp; name a timestamp column of a Parquet file.",
            Assert.Throws<TableException>(() => table.Timestamps("int")).Message);
    }

    [Fact]
    public async Task Numbers_NaN_NamesTheRow()
    {
        var schema = new ParquetSchema(new DataField<double>("v"));
        string path = _folder.File("nan.parquet");
        await WriteAsync(path, schema, 1, group => group.WriteAsync<double>(schema.DataFields[0], new[] { 1, double.NaN }));

        Table table = await Read(path);

        Assert.Equal(
            $"{path}, row 2, column 'v': 'NaN' is not a finite number; correct the value or remove the row.",
            Assert.Throws<TableException>(() => table.Numbers("v")).Message);
    }

    [Fact]
    public async Task Read_ListBesideFlat_IsAnErrorOnlyWhereItIsUsed()
    {
        var item = new DataField<int>("element");
        var flat = new DataField<int>("flat");
        var schema = new ParquetSchema(new ListField("many", item), flat);
        string path = _folder.File("list.parquet");
        await WriteAsync(path, schema, 1, async group =>
        {
            int level = item.MaxDefinitionLevel;
            await group.WriteAllPartsAsync<int>(item, new[] { 1, 2, 3 }, new[] { level, level, level }, new[] { 0, 1, 0 }, Token);
            await group.WriteAsync<int>(flat, new[] { 5, 6 });
        });

        Table table = await Read(path);

        Assert.Equal([5, 6], table.Numbers("flat"));
        Assert.Equal(
            $"{path}, row 2, column 'many': the list has 1 numbers where those before have 2; make all lists of the column equally long, or leave the column out.",
            Assert.Throws<TableException>(() => table.Numbers("many")).Message);
    }

    [Fact]
    public async Task Read_NoRows_SaysSo()
    {
        var schema = new ParquetSchema(new DataField<double>("v"));
        string path = _folder.File("empty.parquet");
        await WriteAsync(path, schema, 0, _ => Task.CompletedTask);

        Assert.Equal($"{path}: the file has columns but no rows; add at least one row of data.", (await Fails(path)).Message);
    }

    [Fact]
    public async Task Read_NotParquet_SaysSo()
    {
        string path = _folder.Write("text.parquet", "a,b\n1,2\n3,4\n5,6\n");

        Assert.Equal($"{path}: this is not a Parquet file, or is damaged; write the file again.", (await Fails(path)).Message);
        Assert.Equal(
            $"{_folder.File("zero.parquet")}: the file is empty; give it columns and rows.", (await Fails(_folder.Write("zero.parquet", ""))).Message);
    }

    [Fact]
    public async Task Read_DamagedAnywhere_IsATableOrATableException()
    {
        byte[] good = await SoundFileAsync();
        var random = new Random(2);
        int refused = 0;
        for (int i = 0; i < 300; i++)
        {
            byte[] bad = [.. good];
            bad[random.Next(bad.Length)] = (byte)random.Next(256);
            try
            {
                await ParquetTableReader.ReadAsync("bad.parquet", new MemoryStream(bad), null, TimeSpan.FromSeconds(5), Token);
            }
            catch (TableException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 50, 250);
    }

    [Fact]
    public async Task Read_CutOffAnywhere_IsATableException()
    {
        byte[] good = await SoundFileAsync();
        for (int length = 0; length < good.Length; length += 7)
        {
            await Assert.ThrowsAsync<TableException>(
                () => ParquetTableReader.ReadAsync("bad.parquet", new MemoryStream(good, 0, length), null, TimeSpan.FromSeconds(5), Token));
        }
    }

    [Fact]
    public async Task Read_FooterWithoutEnd_GivesUp()
    {
        byte[] bad = await SoundFileAsync();
        bad[^9] = 201;

        TableException error = await Assert.ThrowsAsync<TableException>(
            () => ParquetTableReader.ReadAsync("bad.parquet", new MemoryStream(bad), null, TimeSpan.FromSeconds(1), Token));

        Assert.Equal("bad.parquet: this is not a Parquet file, or is damaged; write the file again.", error.Message);
        Assert.IsType<TimeoutException>(error.InnerException);
    }

    [Fact]
    public async Task Read_SampleFlights_HasTheColumnsOfItsReadme()
    {
        Table table = await TableFile.ReadAsync(Samples.Flights, ["date", "delay", "distance", "origin"], Token);

        string[] origins = table.TaskIds("origin");
        Assert.Equal(438_617, table.RowCount);
        Assert.Equal(229, origins.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(3000, TaskGroup.Group(origins).Max(task => task.Rows.Length));
        Assert.Equal(438_617, table.Numbers("delay").Length);
        Assert.All(table.Numbers("distance"), miles => Assert.InRange(miles, 11, 5000));
        DateTime[] dates = table.Timestamps("date");
        Assert.Equal(dates.Order(), dates);
        Assert.True(new FileInfo(Samples.Flights).Length < 4_000_000);
    }

    private async Task<byte[]> SoundFileAsync()
    {
        string path = _folder.File("good.parquet");
        await PredictionsFile.WriteAsync(path, [.. Enumerable.Range(0, 50).Select(i => new PredictionRow($"t{i % 7}", i, i, 1, i - 2, i + 2, 1))], Token);
        return await File.ReadAllBytesAsync(path, Token);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<Table> Read(string path) => TableFile.ReadAsync(path, cancellationToken: Token);

    private static Task<TableException> Fails(string path) => Assert.ThrowsAsync<TableException>(() => Read(path));

    private static async Task WriteAsync(string path, ParquetSchema schema, int groups, Func<ParquetRowGroupWriter, Task> write)
    {
        await using FileStream stream = File.Create(path);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: Token);
        for (int i = 0; i < groups; i++)
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await write(group);
        }
    }
}
