using AdaptCluster.Grains.Interfaces.Sources;
using System.Text;
using AdaptCluster.Cli.Tables;
using CsCheck;

namespace AdaptCluster.Cli.Tests.Tables;

public sealed class FeatureTests
{
    private const string Training = "origin,hour,size,delay\nSEA,1,big,5\nABQ,2,small,6\nSEA,3,\"medium, wide\",7\n";

    [Fact]
    public void Infer_NumbersAndText_KeepsOrderAndSortsVocabularies()
    {
        InputSchema schema = FeatureSchema.Infer(Csv(Training), ["size", "hour", "origin"]);

        Assert.Equal(["size", "hour", "origin"], schema.Columns.Select(column => column.Name));
        Assert.Equal(["big", "medium, wide", "small"], schema.Columns[0].Categories);
        Assert.Empty(schema.Columns[1].Categories);
        Assert.Equal(["ABQ", "SEA"], schema.Columns[2].Categories);
        Assert.Equal(6, schema.Width);
    }

    [Fact]
    public void Encode_OtherFileOtherOrder_GivesOneHotRows()
    {
        InputSchema schema = FeatureSchema.Infer(Csv(Training), ["size", "hour", "origin"]);

        EncodedFeatures encoded = FeatureEncoder.Encode(schema, Csv("hour,origin,size\n7,ABQ,small\n8.5,SEA,\"medium, wide\"\n"));

        Assert.Equal((2, 6), (encoded.Rows, encoded.Width));
        Assert.Equal([0, 0, 1, 7, 1, 0, 0, 1, 0, 8.5, 0, 1], encoded.Values);
    }

    [Fact]
    public void Encode_ArbitraryTable_DecodesToItself()
    {
        Gen<(int, string, double, string)> row = Gen.Select(Gen.Int[0, 2], OneOf("a", "b, c", "\"", "é"), Gen.Double[-1e6, 1e6], OneOf("x1", "x2"));
        row.Array[1, 30].Sample(rows =>
        {
            string text = "n,c,v,d\n" + string.Concat(rows.Select(r => $"{r.Item1},\"{r.Item2.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{r.Item3:R},{r.Item4}\n"));
            Table table = Csv(text);
            InputSchema schema = FeatureSchema.Infer(table, ["c", "v", "d", "n"]);
            EncodedFeatures encoded = FeatureEncoder.Encode(schema, table);
            for (int i = 0; i < rows.Length; i++)
            {
                double[] x = encoded.Values[(i * encoded.Width)..((i + 1) * encoded.Width)];
                int c = schema.Columns[0].Categories.Length;
                int d = schema.Columns[2].Categories.Length;
                Assert.Equal(1, x[..c].Sum());
                Assert.Equal(rows[i].Item2, schema.Columns[0].Categories[Array.IndexOf(x[..c], 1)]);
                Assert.Equal(rows[i].Item3, x[c]);
                Assert.Equal(rows[i].Item4, schema.Columns[2].Categories[Array.IndexOf(x[(c + 1)..(c + 1 + d)], 1)]);
                Assert.Equal(rows[i].Item1, x[c + 1 + d]);
            }
        });
    }

    [Fact]
    public void Infer_ConstantColumn_IsAllowed() =>
        Assert.Equal(2, FeatureSchema.Infer(Csv("a,b\n1,x\n1,x\n"), ["a", "b"]).Width);

    [Fact]
    public void Encode_CategoryThatLooksLikeANumber_IsReadAsText()
    {
        InputSchema schema = FeatureSchema.Infer(Csv("gate,v\n01,1\nB,2\nC,3\n"), ["gate"]);

        Assert.Equal([1, 0, 0], FeatureEncoder.Encode(schema, Csv("gate\n01\n")).Values);
        Assert.Equal(
            "t.csv, line 2, column 'gate': '1' was not there when the source was trained (known: '01', 'B', 'C'); use a known value, or train the source again with this one.",
            Fails(() => FeatureEncoder.Encode(schema, Csv("gate\n1\n"))));
    }

    [Fact]
    public void Infer_BadFeatures_SayWhy()
    {
        Table table = Csv("a,b,c\n1,x,1\n2,,NaN\n");
        Assert.Equal("t.csv: there are no feature columns; add columns beside the task and the target, or name them with --features.", Fails(() => FeatureSchema.Infer(table, [])));
        Assert.Equal("t.csv, column 'a': the feature is named twice; name it once in --features.", Fails(() => FeatureSchema.Infer(table, ["a", "a"])));
        Assert.Equal("t.csv: there is no column 'z'; did you mean 'a'? The columns are 'a', 'b', 'c'.", Fails(() => FeatureSchema.Infer(table, ["z"])));
        Assert.Equal("t.csv, line 3, column 'b': the value is missing; fill it in, or pass --drop-missing to leave such rows out.", Fails(() => FeatureSchema.Infer(table, ["b"])));
        Assert.Equal("t.csv, line 3, column 'c': 'NaN' is not a finite number; correct the value or remove the row.", Fails(() => FeatureSchema.Infer(table, ["c"])));
    }

    [Theory]
    [InlineData(256, null)]
    [InlineData(257, "t.csv, column 'id': the text column has 257 distinct values, more than the 256 that can be encoded; leave it out with --features, or group its values.")]
    public void Infer_ManyCategories_AreRefusedBeyondTheLimit(int count, string? message)
    {
        Table table = Csv("id,v\n" + string.Concat(Enumerable.Range(0, count).Select(i => $"id{i},1\n")));

        if (message is null)
        {
            Assert.Equal(count, FeatureSchema.Infer(table, ["id"]).Width);
        }
        else
        {
            Assert.Equal(message, Fails(() => FeatureSchema.Infer(table, ["id"])));
        }
    }

    [Fact]
    public void Encode_TimestampFeature_IsRefused()
    {
        var table = new Table("t.parquet", ["date"], [new TimestampColumn("date", [DateTime.UnixEpoch], null)], 1);

        Assert.Equal(
            "t.parquet, column 'date': this is a timestamp, not a number; derive numeric columns from it (hour, weekday, day).",
            Fails(() => FeatureSchema.Infer(table, ["date"])));
    }

    [Theory]
    [InlineData("hour,task\n1,x\n", "t.csv: missing columns 'size', 'origin'; add what the source was trained on: 'size', 'hour', 'origin'.")]
    [InlineData("hour,origin,task\n1,SEA,x\n", "t.csv: missing column 'size'; add what the source was trained on: 'size', 'hour', 'origin'.")]
    [InlineData("hour,origin,size,task,wind\n1,SEA,big,x,2\n", "t.csv: the source does not use column 'wind'; remove it from the file, or pass over it with --ignore-extra.")]
    [InlineData("hour,origin,size,gust,task,wind\n1,SEA,big,2,x,2\n", "t.csv: the source does not use columns 'gust', 'wind'; remove them from the file, or pass over them with --ignore-extra.")]
    [InlineData("hour,origin,size,task\n1,SEA,big,x\n1,JFK,big,x\n", "t.csv, line 3, column 'origin': 'JFK' was not there when the source was trained (known: 'ABQ', 'SEA'); use a known value, or train the source again with this one.")]
    [InlineData("hour,origin,size,task\n1,SEA,big,x\nnoon,SEA,big,x\n", "t.csv, line 3, column 'hour': 'noon' is not a number; correct the value or remove the row.")]
    public void Encode_FileThatDoesNotFit_SaysWhy(string text, string message)
    {
        InputSchema schema = FeatureSchema.Infer(Csv(Training), ["size", "hour", "origin"]);

        Assert.Equal(message, Fails(() => FeatureEncoder.Encode(schema, Csv(text), ["task", "delay"])));
    }

    [Fact]
    public void Encode_ExtraColumnsNotForbidden_AreIgnored()
    {
        InputSchema schema = FeatureSchema.Infer(Csv(Training), ["hour"]);

        Assert.Equal([1, 2, 3], FeatureEncoder.Encode(schema, Csv(Training)).Values);
    }

    [Fact]
    public void Encode_LongVocabulary_ShowsTheFirstFew()
    {
        InputSchema schema = FeatureSchema.Infer(Csv("c,v\nf,1\ne,1\nd,1\nc,1\nb,1\na,1\ng,1\n"), ["c"]);

        Assert.Contains(
            "(known: 'a', 'b', 'c', 'd', 'e' and 2 more)", Fails(() => FeatureEncoder.Encode(schema, Csv("c\nz\n"))), StringComparison.Ordinal);
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Table Csv(string text) =>
        CsvTableReader.Read("t.csv", new MemoryStream(Encoding.UTF8.GetBytes(text)), null, CancellationToken.None);

    private static string Fails(Func<object> action) => Assert.Throws<TableException>(action).Message;
}
