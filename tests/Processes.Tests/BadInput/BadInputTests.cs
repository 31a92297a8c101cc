using System.Text.Json;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Processes.Tests.Support;
using AdaptCluster.Processes.Tests.Workflow;

namespace AdaptCluster.Processes.Tests.BadInput;

/// <summary>Each is refused in one line with the place and the remedy, exit code 2, and changes nothing.</summary>
[Collection(nameof(OneSilo))]
public sealed class BadInputTests(WholePathFixture path)
{
    public static TheoryData<string> Names => [.. BadInputCases.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Run_BadInput_IsRefusedInOneLineAndChangesNothing(string name)
    {
        BadInputCase one = BadInputCases.All[name];
        string[] arguments = Arguments(one);
        string before = await StateAsync();

        CommandResult result = await path.Folder.RunAsync([.. arguments, "--json"]);

        string line = result.OneLineError(2);
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Assert.All(one.Says, said => Assert.Contains(said, line, StringComparison.Ordinal));
        Assert.EndsWith(".", line, StringComparison.Ordinal);
        Assert.Equal(line, $"adapt: {result.Json().GetProperty("error").GetString()!.ReplaceLineEndings(" ")}");
        Assert.Equal(before, await StateAsync());
        Assert.False(File.Exists(path.Folder.File("out.csv")));
    }

    [Theory]
    [InlineData("sources train new --target price_eur --task shop", "'--data' is required")]
    [InlineData("predict bakeries --data x.csv --task shop", "'--out' is required")]
    [InlineData("sources train", "'--data' is required", "'--task' is required")]
    [InlineData("sources train new --data x.csv --target price_eur --task shop --epoch 3", "'--epoch'")]
    [InlineData("sources train new --data x.csv --target price_eur --task shop --epochs many", "'many'", "'--epochs'")]
    [InlineData("sources trian", "'trian'")]
    [InlineData("tasks", "Required command was not provided")]
    public async Task Run_WrongUsage_ShowsTheUsageOnStandardError(string command, params string[] says)
    {
        string before = await StateAsync();

        CommandResult result = await path.Folder.RunAsync([.. command.Split(' '), "--json"]);

        Assert.Equal(2, result.ExitCode);
        Assert.All(says, said => Assert.Contains(said, result.Error, StringComparison.Ordinal));
        Assert.All(says, said => Assert.Contains(said, result.Json().GetProperty("error").GetString()!, StringComparison.Ordinal));
        Assert.Contains("Usage:", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, await StateAsync());
        CommandResult text = await path.Folder.RunAsync(command.Split(' '));
        Assert.Equal(2, text.ExitCode);
        Assert.Empty(text.Out);
    }

    private string[] Arguments(BadInputCase one)
    {
        DataFolder folder = path.Folder;
        string input = folder.Write(one.File, one.Bytes ?? System.Text.Encoding.UTF8.GetBytes(one.Rows));
        return
        [
            .. one.Command.Split(' ').SelectMany(word => word switch
            {
                "IN" => [input],
                "MISSING" => [folder.File("missing.csv")],
                "FOLDER" => [folder.DataDirectory + ".csv"],
                "NOFOLDER" => [folder.File("nowhere/out.csv")],
                "SCORED" => [folder.File("scored.csv")],
                "OUT" => [folder.File("out.csv")],
                "XLSX" => [folder.File("out.xlsx")],
                "BLANK" => [" "],
                "LABELLED" => ["--target", Bakeries.Target, "--task", Bakeries.Task],
                _ => (string[])[word],
            }),
        ];
    }

    /// <summary>Everything that a command could have changed.</summary>
    private async Task<string> StateAsync()
    {
        Directory.CreateDirectory(path.Folder.DataDirectory + ".csv");
        IReadOnlyList<SourceDescription> sources = await path.Client.ListSourcesAsync(TestContext.Current.CancellationToken);
        var tasks = new List<TaskDescription>();
        foreach (SourceDescription source in sources)
        {
            await foreach (TaskDescription task in path.Client.Source(source.Name).ListTasksAsync(TestContext.Current.CancellationToken))
            {
                tasks.Add(task);
            }
        }

        return JsonSerializer.Serialize(new { sources, tasks, tensors = path.Folder.TensorHash() });
    }
}
