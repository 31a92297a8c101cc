using System.Text.Json;
using AdaptCluster.Cli.Commands;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Grains.Interfaces.Comparisons;

namespace AdaptCluster.Cli.Tests.Commands;

public sealed class CompareTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_AReport_HasEveryMethodOnceWithItsErrorAndSaysWhoAbstains()
    {
        using var text = new StringWriter();
        CompareTables.Write(new CommandOutput(json: false, text, TextWriter.Null), Report());

        string written = text.ToString();
        Assert.Contains("2,410 tasks, 31,022 rows; 2 splits", written, StringComparison.Ordinal);
        Assert.Contains("2.2500 ± 0.0200", written, StringComparison.Ordinal);
        Assert.Contains("+0.0400 ± 0.0100", written, StringComparison.Ordinal);
        Assert.Contains("none (1 failed)", written, StringComparison.Ordinal);
        Assert.Contains("chosen with 5 rows: full 75 %, none (abstains) 25 %", written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteAsync_AFolderThatIsNotThere_HasFigureAndReport()
    {
        string path = _folder.File("new/out");
        CompareFolder folder = CompareFolder.Prepare(path);
        await folder.WriteAsync(Report());

        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(path, "report.json"), TestContext.Current.CancellationToken));
        JsonElement first = report.RootElement.GetProperty("scores")[0];
        Assert.Equal("none", first.GetProperty("method").GetString());
        Assert.Equal(0.02, first.GetProperty("nlpd").GetProperty("standardError").GetDouble());
        Assert.True(File.Exists(Path.Combine(path, "comparison.png")));
    }

    [Fact]
    public void Prepare_AFileInItsPlace_SaysSo()
    {
        File.WriteAllText(_folder.File("taken"), string.Empty);
        Assert.Contains("--out", Assert.Throws<TableException>(() => CompareFolder.Prepare(_folder.File("taken"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("compare --data d.csv --target y --task t", "neither a source nor --hidden")]
    [InlineData("compare s --hidden 8 --data d.csv --target y --task t", "a source and --hidden")]
    [InlineData("compare s --data d.csv --target y --task t --train-share 2", "--train-share: it is 2")]
    [InlineData("compare s --data d.csv --target y --task t --k 5,x", "--k: 'x' is no number of rows")]
    public async Task Compare_BadOptions_AreNamedBeforeAnythingIsRead(string arguments, string message)
    {
        using var error = new StringWriter();
        int exitCode = await AdaptCommand.Create().Parse(arguments.Split(' ')).InvokeAsync(
            new System.CommandLine.InvocationConfiguration { Output = TextWriter.Null, Error = error }, TestContext.Current.CancellationToken);

        Assert.Equal(2, exitCode);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chem97_AsShipped_HasItsSchoolsAndPupils()
    {
        Table table = await TableFile.ReadAsync(Samples.Schools, null, TestContext.Current.CancellationToken);
        Assert.Equal(["school", "score", "gender", "age", "gcsescore"], table.Names);
        Assert.Equal(31_022, table.RowCount);
        Assert.Equal(2_410, TaskGroup.Group(table.TaskIds("school")).Count);
    }

    private static CompareReport Report() => new()
    {
        Tasks = 2_410,
        Rows = 31_022,
        Splits = 2,
        TrainShare = 0.5,
        Seed = 0,
        Scores = [Score("none", 1, []), Score("adapted", 0, []), Score("chosen", 0, [new CandidateShare("none", 0.25), new CandidateShare("full", 0.75)])],
        Curve = [Score("none", 0, []), Score("adapted", 0, [])],
        CandidateWeights = [],
        Seconds = 3,
    };

    private static MethodScore Score(string method, int failures, System.Collections.Immutable.ImmutableArray<CandidateShare> choices) => new()
    {
        Points = 5,
        Method = method,
        Tasks = 100,
        Mse = new ScoreEstimate(5.5, 0.1),
        Nlpd = new ScoreEstimate(2.25, 0.02),
        Coverage95 = new ScoreEstimate(0.95, 0.01),
        NlpdOverAdapted = new ScoreEstimate(0.04, 0.01),
        SecondsPerTask = 0.001,
        Failures = failures,
        Choices = choices,
    };
}
