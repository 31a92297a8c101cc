using AdaptCluster.Cli.Tables;
using AdaptCluster.Grains.Interfaces.Sources;
using Parquet;
using Parquet.Schema;

namespace AdaptCluster.Cli.Tests.Tables;

public sealed class TensorColumnTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_ListsOfOneLengthOverRowGroups_AreATensorColumn(bool nullable)
    {
        float?[] first = [1, 2, 3, 4, 5, 6];
        string path = nullable
            ? await WriteAsync(new DataField<float?>("element"), first, [3, 3], [0, 1, 1, 0, 1, 1])
            : await WriteAsync(new DataField<float>("element"), first, [3, 3], [0, 1, 1, 0, 1, 1]);

        Table table = await TableFile.ReadAsync(path, cancellationToken: Token);
        InputSchema schema = FeatureSchema.Infer(table, ["v", "flat"]);

        Assert.Equal((4, 3, true, 4), (table.RowCount, schema.Columns[0].Width, schema.Columns[0].IsTensor, schema.Width));
        Assert.Equal([1, 2, 3, 0, 4, 5, 6, 1, 1, 2, 3, 0, 4, 5, 6, 1], FeatureEncoder.Encode(schema, table).Values);
        Assert.Equal([4, 5, 6, 1, 1, 2, 3, 0], FeatureEncoder.Encode(schema, table.Take([3, 0])).Values);
        Assert.Equal(
            $"{path}, column 'v': the column holds lists of 3 numbers; name a column of single values.",
            Assert.Throws<TableException>(() => table.TaskIds("v")).Message);
        Assert.Equal(
            $"{path}, column 'v': the column holds lists of 3 numbers, but the source reads 2 numbers here; give lists of that length.",
            Assert.Throws<TableException>(() => table.Tensors("v", 2)).Message);
        Assert.Equal(
            $"{path}, column 'flat': the column holds single values, but the source reads 2 numbers here; give lists of that length.",
            Assert.Throws<TableException>(() => FeatureEncoder.Encode(new InputSchema([new InputColumn("flat", []) { Length = 2 }]), table)).Message);
    }

    [Fact]
    public async Task Read_RaggedLists_AreRefusedWithTheRowWhereUsed()
    {
        string shorter = await WriteAsync(new DataField<float>("element"), [1, 2, 3], [2, 1], [0, 1, 0]);
        string longer = await WriteAsync(new DataField<float>("element"), [1, 2, 3], [1, 2], [0, 0, 1]);

        Assert.Equal(
            $"{shorter}, row 2, column 'v': the list has 1 numbers where those before have 2; make all lists of the column equally long, or leave the column out.",
            await UseAsync(shorter));
        Assert.Equal(
            $"{longer}, row 2, column 'v': the list has more numbers than the 1 of those before; make all lists of the column equally long, or leave the column out.",
            await UseAsync(longer));
        double[] flat = (await TableFile.ReadAsync(shorter, cancellationToken: Token)).Numbers("flat");
        Assert.Equal([0, 1, 0, 1], flat);
    }

    [Fact]
    public async Task Read_MissingNumberOrList_IsRefusedWithTheRow()
    {
        string number = await WriteAsync(new DataField<float?>("element"), [1, 2, null, 4], [2, 2], [0, 1, 0, 1]);
        string nan = await WriteAsync(new DataField<float>("element"), [1, float.NaN, 3, 4], [2, 2], [0, 1, 0, 1]);

        Assert.Equal($"{number}, row 2, column 'v': number 1 of the list is missing; fill it in, or leave the column out.", await UseAsync(number));
        Assert.Equal($"{nan}, row 1, column 'v': number 2 of the list is NaN; correct the value or remove the row.", await UseAsync(nan));
    }

    [Fact]
    public async Task Read_MissingList_IsAMissingValueThatCanBeDropped()
    {
        var element = new DataField<float>("element");
        var schema = new ParquetSchema(new ListField("v", element), new DataField<int>("flat"));
        string path = _folder.File("missing.parquet");
        await WriteAsync(path, schema, async group =>
        {
            int there = element.MaxDefinitionLevel;
            await group.WriteAllPartsAsync<float>(element, new[] { 7f, 8f }, new[] { 0, there, there }, new[] { 0, 0, 1 }, Token);
            await group.WriteAsync<int>(schema.DataFields[1], new[] { 5, 6 });
        });
        Table table = await TableFile.ReadAsync(path, cancellationToken: Token);

        Assert.Equal(
            $"{path}, row 1, column 'v': the value is missing; fill it in, or pass --drop-missing to leave such rows out.",
            Assert.Throws<TableException>(() => table.RefuseMissing(["v"])).Message);
        Table dropped = table.DropMissing(["v"]).DropMissing(["v"]);
        Assert.Equal([7, 8], FeatureEncoder.Encode(FeatureSchema.Infer(dropped, ["v"]), dropped).Values.Take(2));
    }

    [Fact]
    public void Encode_Indices_AreThePlacesInTheVocabulary()
    {
        var schema = new InputSchema([new InputColumn("store", ["b", "a"]) { IsIndex = true }, new InputColumn("n", []), new InputColumn("token", []) { IsIndex = true }]);
        Table table = Csv("n,token,store\n0.5,3,a\n1.5,0,b\n");

        Assert.Equal(3, schema.Width);
        Assert.Equal([1, 0.5, 3, 0, 1.5, 0], FeatureEncoder.Encode(schema, table).Values);
        Assert.Equal(
            "t.csv, line 2, column 'store': 'c' was not there when the source was trained (known: 'b', 'a'); use a known value, or train the source again with this one.",
            Assert.Throws<TableException>(() => FeatureEncoder.Encode(schema, Csv("n,token,store\n0,0,c\n"))).Message);
        foreach (string bad in new[] { "-1", "1.5" })
        {
            Assert.Equal(
                $"t.csv, line 2, column 'token': {bad} is no index; give whole numbers from 0.",
                Assert.Throws<TableException>(() => FeatureEncoder.Encode(schema, Csv($"n,token,store\n0,{bad},a\n"))).Message);
        }
    }

    [Fact]
    public void Complete_OpenColumns_AreFilledFromTheFile()
    {
        var schema = new InputSchema([new InputColumn("store", []) { IsIndex = true }, new InputColumn("kind", []), new InputColumn("n", [])]);

        InputSchema completed = FeatureSchema.Complete(Csv("n,kind,store\n1,x,s2\n2,y,s1\n"), schema);

        Assert.Equal(["s1", "s2"], completed.Columns[0].Categories);
        Assert.Equal([1, 2, 1], completed.Columns.Select(column => column.Width));
    }

    private static async Task<string> UseAsync(string path)
    {
        Table table = await TableFile.ReadAsync(path, cancellationToken: Token);
        return Assert.Throws<TableException>(() => FeatureEncoder.Encode(FeatureSchema.Infer(table, ["v"]), table)).Message;
    }

    /// <summary>A file of two equal row groups, each with lists and a flat column that counts their rows.</summary>
    private async Task<string> WriteAsync(DataField element, float?[] values, int[] lengths, int[] repetitions)
    {
        var schema = new ParquetSchema(new ListField("v", element), new DataField<int>("flat"));
        string path = _folder.File($"{Guid.NewGuid():N}.parquet");
        int there = element.MaxDefinitionLevel;
        await WriteAsync(path, schema, async group =>
        {
            await group.WriteAllPartsAsync<float>(
                element, values.OfType<float>().ToArray(), values.Select(value => value is null ? there - 1 : there).ToArray(), repetitions, Token);
            await group.WriteAsync<int>(schema.DataFields[1], Enumerable.Range(0, lengths.Length).ToArray());
        }, groups: 2);
        return path;
    }

    private static async Task WriteAsync(string path, ParquetSchema schema, Func<ParquetRowGroupWriter, Task> write, int groups = 1)
    {
        await using FileStream stream = File.Create(path);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: Token);
        for (int i = 0; i < groups; i++)
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await write(group);
        }
    }

    private static Table Csv(string text) =>
        CsvTableReader.Read("t.csv", new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), null, Token);
}
