using System.IO.Compression;
using System.Text;
using AdaptCluster.Cli.Tables;
using CsCheck;
using CsvHelper;

namespace AdaptCluster.Cli.Tests.Tables;

public sealed class CsvTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\n", false)]
    [InlineData("\r\n", false)]
    [InlineData("\n", true)]
    [InlineData("\r\n", true)]
    public async Task Read_LineEndingsAndByteOrderMark_GiveTheSameTable(string newLine, bool mark)
    {
        string text = string.Join(newLine, "city,delay,note", "\"Springfield, IL\",1.5,\"said \"\"hi\"\"\"", "Reno,-2e3,", "");
        byte[] bytes = [.. mark ? Encoding.UTF8.GetPreamble() : [], .. Encoding.UTF8.GetBytes(text)];

        Table table = await Read(_folder.Write("a.csv", bytes));

        Assert.Equal(["city", "delay", "note"], table.Names);
        Assert.Equal(["Springfield, IL", "Reno"], table.Texts("city"));
        Assert.Equal([1.5, -2000], table.Numbers("delay"));
        Assert.Equal("said \"hi\"", table.RequireColumn("note").Text(0));
        Assert.True(table.RequireColumn("note").IsMissing(1));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task Place_AfterQuotedLineBreaksAndBlankLines_IsTheLineOfTheFile(string newLine)
    {
        string text = string.Join(newLine, $"a,\"b{newLine}c\"", "1,x", $"2,\"x{newLine}{newLine}y\"", "", "3,z", "4,z");

        Table table = await Read(_folder.Write("a.csv", text));

        Assert.Equal(["line 3", "line 4", "line 8", "line 9"], Enumerable.Range(0, 4).Select(table.Place));
        Table taken = table.Take([3, 1]);
        Assert.Equal(["line 9", "line 4"], Enumerable.Range(0, 2).Select(taken.Place));
        Assert.Equal([3, 1], Enumerable.Range(0, 2).Select(taken.SourceRow));
        Assert.Equal([1], Enumerable.Range(0, 1).Select(taken.Take([1]).SourceRow));
    }

    [Fact]
    public void Read_ArbitraryStrings_RoundTrip()
    {
        // What cannot be told apart in CSV is left out: lone surrogates, and a byte order mark as the first character.
        Gen<string> cell = Gen.String[Gen.Char["abc ,;\"'\r\n\té✈#=-0."], 0, 8].Select(text => "x" + text + "x");
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 6])
            .SelectMany((columns, rows) => cell.Array[columns].Array[rows])
            .Sample(
                cells =>
                {
                    byte[] bytes = Write(cells);
                    Table table = CsvTableReader.Read("memory.csv", new MemoryStream(bytes), null, CancellationToken.None);
                    return table.RowCount == cells.Length
                        && cells.Select((row, i) => row.Select((text, c) => table.RequireColumn($"c{c}").Text(i) == text).All(same => same)).All(same => same);
                },
                iter: 2000);
    }

    [Theory]
    [InlineData("1,2,x", true)]
    [InlineData("1,x", true)]
    [InlineData("1,x,y", false)]
    [InlineData("1,NA,n/a,NULL,,x", true)]
    [InlineData("NA,x", false)]
    [InlineData(",NA", true)]
    [InlineData("nan,inf,-Infinity", true)]
    [InlineData("\"1,000\",\"2,000\"", false)]
    [InlineData("+1,1e-3,.5,1.", true)]
    [InlineData("0x1F,1_000", false)]
    public async Task Read_MixedValues_KindIsNumericWhenHalfOfThoseThereAreNumbers(string cells, bool isNumeric)
    {
        string[] rows = cells.StartsWith('"') ? cells.Split(",\"").Select(c => c.StartsWith('"') ? c : "\"" + c).ToArray() : cells.Split(',');
        string path = _folder.Write("a.csv", "k,v\n" + string.Concat(rows.Select(cell => $"1,{cell}\n")));

        Assert.Equal(isNumeric ? ColumnKind.Numeric : ColumnKind.Text, (await Read(path)).RequireColumn("v").Kind);
    }

    [Fact]
    public async Task Read_Restricted_KeepsOnlyThoseColumnsButKnowsAllNames()
    {
        string path = _folder.Write("a.csv", "a,b,c\n1,2,3\n");

        Table table = await TableFile.ReadAsync(path, ["c", "nowhere"], Token);

        Assert.Equal(["a", "b", "c"], table.Names);
        Assert.Equal([3], table.Numbers("c"));
        Assert.Null(table.Find("a"));
        Assert.Throws<InvalidOperationException>(() => table.RequireColumn("a"));
    }

    [Fact]
    public async Task Read_Gzip_IsTheSameAsPlain()
    {
        using var bytes = new MemoryStream();
        await using (var zip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        {
            await zip.WriteAsync("a,b\n1,x\n"u8.ToArray(), Token);
        }

        Assert.Equal(["x"], (await Read(_folder.Write("a.csv.gz", bytes.ToArray()))).Texts("b"));
        for (int length = 1; length < bytes.Length; length++)
        {
            await Fails(_folder.Write("cut.csv.gz", bytes.ToArray()[..length]), "{0}: the file is not gzip, or is damaged; compress it again, or fetch it again.");
        }

        await Fails(_folder.Write("no.csv.gz", "a,b\n1,2\n"), "{0}: the file is not gzip, or is damaged; compress it again, or fetch it again.");
    }

    [Fact]
    public async Task Read_SpaceAroundUnquotedFields_IsNotPartOfThem()
    {
        Table table = await Read(_folder.Write("a.csv", "a, b\n 1 ,\" x \"\n"));

        Assert.Equal([1], table.Numbers("a"));
        Assert.Equal([" x "], table.Texts("b"));
    }

    [Theory]
    [InlineData("", "{0}: the file is empty; give it columns and rows.")]
    [InlineData("\n\n", "{0}: the file is empty; give it a first line that names the columns, and rows.")]
    [InlineData("a,b\n", "{0}: the file has a header but no rows; add at least one row of data.")]
    [InlineData("a,b,a\n1,2,3\n", "{0}, line 1: there are two columns named 'a'; rename or remove one of them.")]
    [InlineData("0,5,0\n1,2,3\n", "{0}, line 1: the first line holds numbers, not names; add a first line that names the columns.")]
    [InlineData("a,,c\n1,2,3\n", "{0}, line 1: column 2 has no name; name it in the header or remove it.")]
    [InlineData("a;b\n1;2\n", "{0}, line 1: the only column is 'a;b'; separate the fields by commas.")]
    [InlineData("a,b\n1,2\n\"3\n4\",5\n6\n", "{0}, line 5: 1 field where the header has 2; add what is missing (an empty field is a missing value).")]
    [InlineData("a,b\n1,2\n1,2,3\n", "{0}, line 3: 3 fields where the header has 2; enclose a field that contains commas in double quotes, or remove what is too much.")]
    [InlineData("a,b\n\"1\n\",2\n1,x\"y\n", "{0}, line 4: a double quote is out of place or never closed; enclose the whole field in double quotes and double those inside it.")]
    [InlineData("a,b\n1,2\n\"1,2\n3,4\n", "{0}, line 3: a double quote is out of place or never closed; enclose the whole field in double quotes and double those inside it.")]
    public async Task Read_NotATable_SaysWhereAndWhat(string text, string message) => await Fails(_folder.Write("bad.csv", text), message);

    [Fact]
    public async Task Read_Latin1_NamesTheLine() =>
        await Fails(_folder.Write("latin.csv", Encoding.Latin1.GetBytes("a,b\n1,x\n2,Zürich\n")), "{0}, line 3: this is not UTF-8 text; save the file as CSV in UTF-8.");

    [Fact]
    public async Task Read_PathIsNoDataFile_SaysWhy()
    {
        await Fails(_folder.File("none.csv"), "{0}: there is no such file; check the path.");
        await Fails(_folder.Write("data.txt", "a\n1\n"), "{0}: '.txt' is no kind of data file known here; use .csv, .csv.gz or .parquet.");
        await Fails(_folder.File("data"), "{0}: the name has no extension; use .csv, .csv.gz or .parquet.");
        Directory.CreateDirectory(_folder.File("folder.csv"));
        await Fails(_folder.File("folder.csv"), "{0}: this is a directory without index.csv; name a file, or a folder of images with its index.");
    }

    [Fact]
    public async Task Read_Cancelled_Stops() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => TableFile.ReadAsync(_folder.Write("a.csv", "a\n1\n"), cancellationToken: new CancellationToken(canceled: true)));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<Table> Read(string path) => TableFile.ReadAsync(path, cancellationToken: Token);

    private static async Task Fails(string path, string message)
    {
        TableException error = await Assert.ThrowsAsync<TableException>(() => Read(path));
        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, message, path), error.Message);
    }

    private static byte[] Write(string[][] cells)
    {
        var bytes = new MemoryStream();
        using (CsvWriter writer = CsvWriter.Create(bytes, new CsvWriterOptions { Quoting = CsvQuoting.WhenNeededOrWhitespace }, leaveOpen: true))
        {
            foreach (string[] row in cells.Prepend([.. Enumerable.Range(0, cells[0].Length).Select(c => $"c{c}")]))
            {
                foreach (string text in row)
                {
                    writer.WriteField(text);
                }

                writer.EndRecord();
            }
        }

        return bytes.ToArray();
    }
}
