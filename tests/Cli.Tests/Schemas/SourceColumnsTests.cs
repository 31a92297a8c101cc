using System.Collections.Immutable;
using AdaptCluster.Cli.Schemas;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Tests.Schemas;

public sealed class SourceColumnsTests
{
    private static readonly InputSchema Four = new([.. Enumerable.Range(0, 4).Select(i => new InputColumn($"x{i}", []) { IsIndex = i >= 2 })]);

    [Fact]
    public void Schema_Positional_TakesAllColumnsButTaskAndTargetInFileOrder()
    {
        Table table = Csv("b,shop,a,y,d,c\n1,s,2,0,3,4\n");

        InputSchema schema = SourceColumns.Schema(Source(Four), table, ["shop", "y"]);

        Assert.Equal(["b", "a", "d", "c"], schema.Columns.Select(column => column.Name));
        Assert.Equal([false, false, true, true], schema.Columns.Select(column => column.IsIndex));
        Assert.Equal([1, 2, 3, 4], FeatureEncoder.Encode(schema, table).Values);
    }

    [Fact]
    public void Schema_Positional_ListsCountByTheirLength()
    {
        Table table = Csv("a,list,z\n1,0,7\n").With(new ListColumn("list", 2, [5, 6], null, [0]));

        InputSchema schema = SourceColumns.Schema(Source(Four), table, []);

        Assert.Equal([1, 2, 1], schema.Columns.Select(column => column.Width));
        Assert.Equal([false, false, true], schema.Columns.Select(column => column.IsIndex)); // half of the list is
        Assert.Equal([1, 5, 6, 7], FeatureEncoder.Encode(schema, table).Values);
    }

    [Fact]
    public void Schema_Positional_GreyImagesAreReadAsColoursWhereTheSourceHasThree()
    {
        byte[][] pixels = [[0, 51, 0, 51, 0, 51]];
        Table table = Csv("file\n0\n").With(new ImageColumn("file", pixels, 1, isGrey: true, [0]));
        var six = new InputSchema([new InputColumn("x", []) { Length = 6 }]);

        Assert.Equal([0, 0.2, 0, 0.2, 0, 0.2], FeatureEncoder.Encode(SourceColumns.Schema(Source(six), table, []), table).Values);
    }

    [Fact]
    public void Schema_Positional_WrongNumberOrText_SaysWhatToDo()
    {
        TableException count = Assert.Throws<TableException>(() => SourceColumns.Schema(Source(Four), Csv("shop,a,b,y\ns,1,2,3\n"), ["shop", "y"]));
        TableException text = Assert.Throws<TableException>(() => SourceColumns.Schema(Source(Four), Csv("a,b,c,d\n1,2,3,north\n"), []));

        Assert.Equal(
            "t.csv: source 's' reads 4 numbers, but the columns besides 'shop', 'y' have 2 ('a', 'b'); leave in the inputs alone, name targets with --target, or import the source again with a --schema that names its columns.",
            count.Message);
        Assert.Equal(
            "t.csv, column 'd': this is text, but the source reads numbers by position; leave the column out, or import the source again with a --schema that has its categories.",
            text.Message);
    }

    [Fact]
    public void Targets_ByNameOrByNumber_AsTheSourceHasThem()
    {
        SourceDescription one = Source(Four), two = Source(Four) with { Targets = ["y0", "y1"] };

        Assert.Equal(["any, column"], SourceColumns.Targets(one, "any, column"));
        Assert.Equal(["a", "b"], SourceColumns.Targets(two, "a, b"));
        Assert.Equal(["y0", "y1"], SourceColumns.Targets(two with { IsPositional = false }, "y0,y1"));
        Assert.Equal(
            "--target: source 's' predicts 2 targets, not 'a'; name 2 columns separated by commas, as in y0,y1.",
            Assert.Throws<InvalidInputException>(() => SourceColumns.Targets(two, "a")).Message);
        Assert.Equal(
            "--target: source 's' predicts y0,y1, not 'y1,y0'; use y0,y1, or rename the columns.",
            Assert.Throws<InvalidInputException>(() => SourceColumns.Targets(two with { IsPositional = false }, "y1,y0")).Message);
        Assert.Equal(
            "--target: source 's' predicts y, not 'z'; use y, or rename the column.",
            Assert.Throws<InvalidInputException>(() => SourceColumns.Targets(one with { IsPositional = false }, "z")).Message);
    }

    private static SourceDescription Source(InputSchema schema) => new()
    {
        Name = "s",
        Schema = schema,
        Targets = ["y"],
        Network = new NetworkDescription(schema.Width, ImmutableArray<LayerDescription>.Empty),
        Parameters = 1,
        ModelHash = "",
        Registered = default,
        IsPositional = true,
    };

    private static Table Csv(string text) =>
        CsvTableReader.Read("t.csv", new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), null, TestContext.Current.CancellationToken);
}
