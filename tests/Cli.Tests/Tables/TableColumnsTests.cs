using AdaptCluster.Grains.Interfaces.Sources;
using System.Text;
using AdaptCluster.Cli.Tables;

namespace AdaptCluster.Cli.Tests.Tables;

public sealed class TableColumnsTests
{
    [Theory]
    [InlineData("distence", "t.csv: there is no column 'distence'; did you mean 'distance'? The columns are 'delay', 'distance', 'origin'.")]
    [InlineData("Delay", "t.csv: there is no column 'Delay'; did you mean 'delay'? The columns are 'delay', 'distance', 'origin'.")]
    [InlineData("temperature", "t.csv: there is no column 'temperature'; check the name. The columns are 'delay', 'distance', 'origin'.")]
    public void RequireColumn_Unknown_NamesTheColumnsAndTheNearest(string name, string message)
    {
        Table table = Csv("delay,distance,origin\n1,2,x\n");

        Assert.Equal(message, Fails(() => table.RequireColumn(name)).Message);
    }

    [Theory]
    [InlineData("abc", "'abc' is not a number; correct the value or remove the row.")]
    [InlineData("NaN", "'NaN' is not a finite number; correct the value or remove the row.")]
    [InlineData("-inf", "'-inf' is not a finite number; correct the value or remove the row.")]
    [InlineData("Infinity", "'Infinity' is not a finite number; correct the value or remove the row.")]
    [InlineData("1e999", "'1e999' is not a finite number; correct the value or remove the row.")]
    [InlineData("\"1,5\"", "'1,5' is not a number; correct the value or remove the row.")]
    [InlineData("\"two\nlines\"", "'two\\nlines' is not a number; correct the value or remove the row.")]
    [InlineData("", "the value is missing; fill it in, or pass --drop-missing to leave such rows out.")]
    [InlineData("n/A", "the value is missing; fill it in, or pass --drop-missing to leave such rows out.")]
    public void Numbers_BadValueAfterQuotedLineBreaks_NamesTheLine(string cell, string message)
    {
        Table table = Csv($"note,v\n\"a\nb\nc\",1\nx,2\ny,{cell}\nz,oops\n");

        TableException error = Fails(() => table.Numbers("v"));

        Assert.Equal("t.csv, line 6, column 'v': " + message, error.Message);
        Assert.Equal(("t.csv", "line 6", "v"), (error.File, error.Place, error.Column));
    }

    [Fact]
    public void Numbers_TextColumn_NamesTheFirstTextEvenAfterMissingOnes()
    {
        Table table = Csv("k,v\n1,\n1,5\n1,x\n1,y\n1,z\n");

        Assert.Equal("t.csv, line 4, column 'v': 'x' is not a number; correct the value or remove the row.", Fails(() => table.Numbers("v")).Message);
    }

    [Fact]
    public void Texts_NumericColumn_AreTheCharactersOfTheFile() =>
        Assert.Equal(["007", "1.50", "NA"], Csv("v\n007\n1.50\nNA\n").Texts("v"));

    [Fact]
    public void Texts_Empty_NamesTheLine() =>
        Assert.Equal(
            "t.csv, line 3, column 'v': the value is missing; fill it in, or pass --drop-missing to leave such rows out.",
            Fails(() => Csv("k,v\n1,a\n2,\n").Texts("v")).Message);

    [Fact]
    public void TaskIds_Numbers_AreWholeAndKeepLeadingZeros() =>
        Assert.Equal(["7", "7", "007", "-3", "9007199254740993", "A1"], Csv("v\n7\n7.0\n007\n-3\n9007199254740993\nA1\n").TaskIds("v"));

    [Theory]
    [InlineData("7.5", "t.csv, line 3, column 'v': '7.5' cannot name a task; use text or whole numbers.")]
    [InlineData("inf", "t.csv, line 3, column 'v': 'inf' cannot name a task; use text or whole numbers.")]
    [InlineData("", "t.csv, line 3, column 'v': the value is missing; fill it in, or pass --drop-missing to leave such rows out.")]
    public void TaskIds_NoName_NamesTheLine(string cell, string message) =>
        Assert.Equal(message, Fails(() => Csv($"k,v\na,1\nb,{cell}\n").TaskIds("v")).Message);

    [Fact]
    public void DropMissing_SomeRows_KeepsPlacesAndSourceRows()
    {
        Table table = Csv("a,b,c\n1,x,\n,x,1\n3,,1\n4,y,\n");

        Table complete = table.DropMissing(["a", "b"]);

        Assert.Equal([1, 4], complete.Numbers("a"));
        Assert.Equal(["line 2", "line 5"], [complete.Place(0), complete.Place(1)]);
        Assert.Equal([0, 3], [complete.SourceRow(0), complete.SourceRow(1)]);
        Assert.Same(complete, complete.DropMissing(["a", "b"]));
    }

    [Fact]
    public void DropMissing_CategoricalByTheSchema_KeepsNA()
    {
        Table table = Csv("code,v\n1,1\nNA,2\n,3\n");
        var schema = new InputSchema([new InputColumn("code", ["1", "NA"])]);

        Assert.Equal([1], table.DropMissing(["code"]).Numbers("v"));
        Assert.Equal([1, 2], table.DropMissing(["code"], schema).Numbers("v"));
    }

    [Fact]
    public void DropMissing_NothingLeft_SaysSo() =>
        Assert.Equal(
            "t.csv: every row has a missing value in 'a', 'b'; fill them in, or use other columns.",
            Fails(() => Csv("a,b\n1,\n,x\n").DropMissing(["a", "b"])).Message);

    [Fact]
    public void RefuseMissing_Rows_ListsTheirLines()
    {
        Csv("a,b\n1,x\n").RefuseMissing(["a", "b"]);
        Assert.Equal(
            "t.csv, line 3, column 'b': the value is missing; fill it in, or pass --drop-missing to leave such rows out.",
            Fails(() => Csv("a,b\n1,x\n2,\n").RefuseMissing(["a", "b"])).Message);
        Assert.Equal(
            "t.csv, lines 3, 4: 2 rows have missing values, the first in column 'b'; fill them in, or pass --drop-missing to leave them out.",
            Fails(() => Csv("a,b\n1,x\n2,\n,y\n").RefuseMissing(["a", "b"])).Message);
        Assert.Equal(
            "t.csv, lines 3, 4, 5, 6, 7, 8, 9, 10 and 2 more: 10 rows have missing values, the first in column 'a'; fill them in, or pass --drop-missing to leave them out.",
            Fails(() => Csv("a,b\n1,x\n" + string.Concat(Enumerable.Repeat(",y\n", 10))).RefuseMissing(["a", "b"])).Message);
    }

    [Fact]
    public void Group_Tasks_InOrderOfFirstAppearance()
    {
        IReadOnlyList<TaskGroup> groups = TaskGroup.Group(["b", "a", "b", "c", "a"]);

        Assert.Equal(["b", "a", "c"], groups.Select(group => group.Task));
        Assert.Equal([[0, 2], [1, 4], [3]], groups.Select(group => group.Rows));
    }

    [Fact]
    public void Message_AnyValue_IsOneLineOfBoundedLength()
    {
        Table table = Csv($"k,v\n1,1\n1,\"{new string('x', 5000)}\n\"\n");

        string message = Fails(() => table.Numbers("v")).Message;

        Assert.DoesNotContain('\n', message);
        Assert.True(message.Length < 200);
    }

    private static Table Csv(string text) =>
        CsvTableReader.Read("t.csv", new MemoryStream(Encoding.UTF8.GetBytes(text)), null, CancellationToken.None);

    private static TableException Fails(Func<object> action) => Assert.Throws<TableException>(action);

    private static TableException Fails(Action action) => Assert.Throws<TableException>(action);
}
