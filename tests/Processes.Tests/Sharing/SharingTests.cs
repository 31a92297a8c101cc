using System.Text.Json;
using AdaptCluster.Client;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Processes.Tests.Crashes;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Sharing;

/// <summary>One data directory and the processes that want it.</summary>
[Collection(nameof(OneDirectory))]
public sealed class SharingTests(CrashFixture directory)
{
    private static readonly string[] s_list = ["sources", "list", "--json"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_NobodyServesTheDirectory_IsAnsweredEmbeddedAndLeavesItFree()
    {
        JsonElement first = (await directory.Folder.RunAsync(s_list)).Succeeded().Json();
        JsonElement second = (await directory.Folder.RunAsync(s_list)).Succeeded().Json();

        Assert.Equal(CrashFixture.Source, Assert.Single(first.GetProperty("sources").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(first.ToString(), second.ToString());
        Assert.False(File.Exists(Path.Combine(directory.Folder.DataDirectory, "owner.json")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task List_ASiloServesTheDirectory_IsAnsweredByItAndSigtermFreesIt(bool service)
    {
        await using SiloProcess silo = service
            ? await SiloProcess.StartServiceAsync(directory.Folder.DataDirectory)
            : await SiloProcess.StartAsync(directory.Folder.DataDirectory);
        string task = $"seen by everyone, service {service}";
        AdaptClient client = await silo.ConnectAsync();
        TaskDescription adapted = await client.Source(CrashFixture.Source).Task(task)
            .AdaptAsync(Bakeries.Numeric(Bakeries.Orders(4, 1, 10, "a")), Token);

        // By the directory, by the address, and two at once: all see what the silo was told.
        CommandResult[] answers = await Task.WhenAll(
            directory.Folder.RunAsync("tasks", "show", task, "--json"),
            AwayAsync(["tasks", "show", task, "--json", "--cluster", silo.Gateway.ToString()]));
        Assert.All(answers, answer => Assert.Equal(
            adapted.Posterior!.LogEvidence, answer.Succeeded().Json().GetProperty("posterior").GetProperty("logEvidence").GetDouble()));
        silo.Process.Terminate();
        CommandResult ended = await silo.Process.EndAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(0, ended.ExitCode);
        Assert.Empty(ended.Out);
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
        CommandResult embedded = await directory.Folder.RunAsync("tasks", "show", task, "--json");
        Assert.Equal(
            adapted.Posterior!.LogEvidence, embedded.Succeeded().Json().GetProperty("posterior").GetProperty("logEvidence").GetDouble());
    }

    [Fact]
    public async Task List_ASiloThatJustStarts_IsWaitedFor()
    {
        await using ChildProcess silo = directory.Folder.Start("silo");
        await silo.UntilAsync(_ => File.Exists(Path.Combine(directory.Folder.DataDirectory, "owner.json")));

        CommandResult listed = await directory.Folder.RunAsync(s_list);

        Assert.Single(listed.Succeeded().Json().GetProperty("sources").EnumerateArray());
        Assert.False(silo.HasExited);
    }

    [Fact]
    public async Task List_AfterASiloWasKilled_DoesNotLookForIt()
    {
        await using (SiloProcess silo = await SiloProcess.StartAsync(directory.Folder.DataDirectory))
        {
            silo.Process.Kill();
        }

        Assert.True(File.Exists(Path.Combine(directory.Folder.DataDirectory, "owner.json")));
        Assert.Single((await directory.Folder.RunAsync(s_list)).Succeeded().Json().GetProperty("sources").EnumerateArray());
    }

    [Fact]
    public async Task List_NobodyListensAtTheAddress_EndsSoonWithOneLine()
    {
        await using ChildProcess command = ChildProcess.Adapt("sources", "list", "--cluster", "127.0.0.1:1", "--json");

        CommandResult result = await command.EndAsync(TimeSpan.FromSeconds(30));

        string line = result.OneLineError(1);
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Assert.Contains("no silo answers at 127.0.0.1:1; start one with 'adapt silo' or check the address", line, StringComparison.Ordinal);
        Assert.Contains("no silo answers", result.Json().GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_ACommandHoldsTheDirectory_IsRefusedAndTheOtherGoesOn()
    {
        using var folder = new DataFolder();
        string file = folder.Write("long.csv", Bakeries.Csv(Bakeries.Orders(5, 20, 400, "shop ")));
        await using ChildProcess training = folder.Start(
            "sources", "train", "long", "--data", file, "--target", Bakeries.Target, "--task", Bakeries.Task, "--epochs", "100000",
            "--patience", "100000", "--json");
        await training.UntilAsync(_ => Directory.Exists(Path.Combine(folder.DataDirectory, "tensors", "staging")));

        CommandResult refused = await folder.RunAsync(s_list);
        CommandResult silo = await folder.RunAsync("silo");

        string line = refused.OneLineError(2);
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Assert.Contains($"is in use by process {training.Id}; wait until it ends, or start one silo with 'adapt silo'", line, StringComparison.Ordinal);
        Assert.Contains($"is in use by process {training.Id}", silo.OneLineError(2), StringComparison.Ordinal);
        Assert.False(training.HasExited);

        training.Interrupt();
        CommandResult cancelled = await training.EndAsync();
        Assert.Equal("adapt: cancelled.", cancelled.OneLineError(1));
        Assert.Empty((await folder.RunAsync(s_list)).Succeeded().Json().GetProperty("sources").EnumerateArray());
    }

    /// <summary>From a folder that has nothing to do with the data directory.</summary>
    private static async Task<CommandResult> AwayAsync(string[] arguments)
    {
        using var elsewhere = new DataFolder();
        CommandResult result = await elsewhere.RunAsync(arguments);
        Assert.False(Directory.Exists(elsewhere.DataDirectory));
        return result;
    }

    [Fact]
    public async Task Silo_AtItsStart_SaysWhatItComputesOn()
    {
        using var folder = new DataFolder();
        await using SiloProcess silo = await SiloProcess.StartAsync(folder.DataDirectory, "--threads", "1");

        Assert.Contains("silo computes on device cpu, 1 thread, posteriors in fp64, training in fp32\n", silo.Process.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cuda:99", "--device: cuda:99 cannot be used: ")]
    [InlineData("gpu", "--device: 'gpu' is no device; use cpu, cuda or cuda:N.")]
    public async Task Silo_DeviceThatIsNotThere_EndsWithWhatToDo(string device, string message)
    {
        using var folder = new DataFolder();

        CommandResult refused = await folder.RunAsync("silo", "--device", device);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains($"adapt: {message}", refused.Error, StringComparison.Ordinal);
    }
}
