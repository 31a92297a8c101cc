using AdaptCluster.Cli.Tables;
using CsCheck;

namespace AdaptCluster.Cli.Tests.Tables;

public sealed class PredictionsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("p.csv")]
    [InlineData("p.csv.gz")]
    [InlineData("p.parquet")]
    public async Task Write_ArbitraryRows_ReadBackWithTheSameBits(string name)
    {
        Gen<double> number = Gen.Double.Where(double.IsFinite);
        Gen<string> task = Gen.String[Gen.Char["ab ,\"\n\r'é;"], 0, 6].Select(text => "t" + text + "t");
        string path = _folder.File(name);
        Gen<PredictionRow[]> generated = Gen.Select(task, Gen.Long[0, long.MaxValue], number, number, number, number)
            .Select((t, r, m, s, l, u) => new PredictionRow(t, r, m, s, l, u, 3))
            .Array[1, 40];

        await generated.SampleAsync(
            async rows =>
            {
                await PredictionsFile.WriteAsync(path, rows, Token);
                Table table = await TableFile.ReadAsync(path, cancellationToken: Token);

                Assert.Equal(["task", "row", "mean", "sd", "lower95", "upper95", "version"], table.Names);
                Assert.Equal(rows.Select(row => row.Task), table.TaskIds("task"));
                Assert.Equal(rows.Select(row => row.Row.ToString()), table.TaskIds("row"));
                Assert.Equal(rows.Select(row => row.Mean), table.Numbers("mean"));
                Assert.Equal(rows.Select(row => row.Sd), table.Numbers("sd"));
                Assert.Equal(rows.Select(row => row.Lower95), table.Numbers("lower95"));
                Assert.Equal(rows.Select(row => row.Upper95), table.Numbers("upper95"));
                Assert.All(table.Numbers("version"), version => Assert.Equal(3, version));
            },
            iter: 30,
            threads: 1);
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData("p.csv")]
    [InlineData("p.parquet")]
    public async Task Write_SeveralTargets_HaveARowEachAndTheirNameLast(string name)
    {
        string path = _folder.File(name);
        PredictionRow[] rows = [new("a", 0, 1, 2, 3, 4, 5) { Target = "u" }, new("a", 0, 6, 7, 8, 9, 5) { Target = "v, w" }];

        await PredictionsFile.WriteAsync(path, rows, TestContext.Current.CancellationToken);

        Table table = await TableFile.ReadAsync(path, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["task", "row", "mean", "sd", "lower95", "upper95", "version", "target"], table.Names);
        Assert.Equal(["u", "v, w"], table.Texts("target"));
        double[] means = table.Numbers("mean");
        Assert.Equal([1, 6], means);
    }

    [Fact]
    public async Task Write_Csv_IsThisText()
    {
        string path = _folder.File("p.csv");

        await PredictionsFile.WriteAsync(path, [new("a, \"b\"", 0, .1, 1e-7, -1.5, double.MaxValue, 2), new(" c", 12, 1, 2, 3, 4, 1)], Token);

        Assert.Equal(
            "task,row,mean,sd,lower95,upper95,version\n\"a, \"\"b\"\"\",0,0.1,1E-07,-1.5,1.7976931348623157E+308,2\n\" c\",12,1,2,3,4,1\n",
            await File.ReadAllTextAsync(path, Token));
    }

    [Fact]
    public async Task Write_ExistingFile_IsReplaced()
    {
        string path = _folder.Write("p.csv", new string('x', 10_000));

        await PredictionsFile.WriteAsync(path, [], Token);

        Assert.Equal("task,row,mean,sd,lower95,upper95,version\n", await File.ReadAllTextAsync(path, Token));
    }

    [Fact]
    public async Task Write_FailsHalfWay_LeavesTheOldFileAndNothingElse()
    {
        string path = _folder.Write("p.csv", "old");

        TableException error = await Assert.ThrowsAsync<TableException>(() => ReplacedFile.WriteAsync(path, async stream =>
        {
            await stream.WriteAsync("half"u8.ToArray(), Token);
            throw new IOException("No space left on device.");
        }));

        Assert.Equal(
            $"{path}: the file could not be written (No space left on device); free some space, check the permissions, or write elsewhere.", error.Message);
        Assert.Equal("old", await File.ReadAllTextAsync(path, Token));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void CheckPath_CannotBeWritten_SaysWhy()
    {
        string nowhere = _folder.File("none/p.csv");
        Directory.CreateDirectory(_folder.File("d.csv"));

        PredictionsFile.CheckPath(_folder.File("p.csv"));
        Assert.Equal($"{nowhere}: there is no folder '{Path.GetDirectoryName(nowhere)}'; create it or write elsewhere.", Fails(nowhere));
        Assert.Equal($"{_folder.File("d.csv")}: this is a directory; name a file to write.", Fails(_folder.File("d.csv")));
        Assert.Equal("p.json: '.json' is no kind of data file known here; use .csv, .csv.gz or .parquet.", Fails("p.json"));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Fails(string path) => Assert.Throws<TableException>(() => PredictionsFile.CheckPath(path)).Message;
}
