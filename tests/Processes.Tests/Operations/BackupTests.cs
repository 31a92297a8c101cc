using AdaptCluster.Client;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Processes.Tests.Crashes;
using AdaptCluster.Processes.Tests.Sharing;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Operations;

/// <summary>A backup of a cluster that goes on, and another cluster made of it.</summary>
[Collection(nameof(OneDirectory))]
public sealed class BackupTests(CrashFixture directory)
{
    private const int Tasks = 12;

    /// <summary>Over 64 KB: these rows are files.</summary>
    private const int RowsOfTheLargeTask = 4_000;

    private static readonly Rows s_probe = Bakeries.Numeric(Bakeries.Orders(99, 1, 5, "probe")).Inputs;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Backup_UnderLoad_RestoredIntoAnEmptyClusterEveryTaskIsThereAndPredictsTheSame()
    {
        using DataFolder folder = directory.Folder.Copy();
        string backup = folder.File("backup");
        var before = new Dictionary<string, int>(StringComparer.Ordinal);
        var said = new Dictionary<(string Task, int Version), Prediction>();
        await using (SiloProcess silo = await SiloProcess.StartAsync(folder.DataDirectory, "--threads", "1"))
        {
            AdaptClient client = await silo.ConnectAsync();
            SourceHandle source = client.Source(CrashFixture.Source);
            foreach (string task in Names())
            {
                before.Add(task, (await AdaptAsync(source, task, 0, said)).Observations);
            }

            using var stop = new CancellationTokenSource();
            Task load = LoadAsync(source, said, stop.Token);
            (await folder.RunAsync("backup", backup)).Succeeded();
            await stop.CancelAsync();
            await load;
        }

        using var other = new DataFolder();
        (await other.RunAsync("restore", backup)).Succeeded();
        await using SiloProcess restored = await SiloProcess.StartAsync(other.DataDirectory, "--threads", "1");
        SourceHandle there = (await restored.ConnectAsync()).Source(CrashFixture.Source);
        IReadOnlyList<string> listed = await there.ListTaskNamesAsync(Token);

        Assert.Superset(before.Keys.ToHashSet(), listed.ToHashSet());
        foreach (string task in before.Keys)
        {
            TaskDescription described = await there.Task(task).DescribeAsync(Token);
            Prediction prediction = await there.Task(task).PredictAsync(s_probe, Token);
            Prediction then = said[(task, prediction.Version)];
            Assert.True(described.Observations >= before[task], $"{task} has {described.Observations} rows");
            Same.Numbers(then, prediction);
            await there.Task(task).AdaptAsync(RowsOf(task, 77), Token);
        }

        Assert.Contains("is not empty (it has '", (await other.RunAsync("restore", backup)).OneLineError(2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_FolderThatIsNoBackupOrDamaged_RefusedAndTheClusterStaysEmpty()
    {
        using DataFolder folder = directory.Folder.Copy(), other = new();
        string backup = folder.File("backup");
        Assert.Contains("is no finished backup", (await other.RunAsync("restore", backup)).OneLineError(2), StringComparison.Ordinal);
        (await folder.RunAsync("backup", backup)).Succeeded();
        Assert.Contains("is not empty; name a new one", (await folder.RunAsync("backup", backup)).OneLineError(2), StringComparison.Ordinal);
        string records = Path.Combine(backup, "records");
        byte[] bytes = await File.ReadAllBytesAsync(records, Token);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(records, bytes, Token);

        Assert.Contains("is damaged: its records are not those that were written", (await other.RunAsync("restore", backup)).OneLineError(2), StringComparison.Ordinal);

        Assert.Empty((await other.RunAsync("sources", "list", "--json")).Succeeded().Json().GetProperty("sources").EnumerateArray());
    }

    private static IEnumerable<string> Names() => [.. Enumerable.Range(0, Tasks).Select(i => $"task {i}"), "large"];

    private static LabelledRows RowsOf(string task, int batch) => Bakeries.Numeric(
        Bakeries.Orders(task.Aggregate(17 + (batch * 1_000), (hash, c) => (hash * 31) + c), 1, task == "large" && batch == 0 ? RowsOfTheLargeTask : 6, task));

    private static async Task<TaskDescription> AdaptAsync(
        SourceHandle source, string task, int batch, Dictionary<(string Task, int Version), Prediction> said)
    {
        TaskDescription adapted = await source.Task(task).AdaptAsync(RowsOf(task, batch), Token);
        said[(task, adapted.Posterior!.Version)] = await source.Task(task).PredictAsync(s_probe, Token);
        return adapted;
    }

    private static async Task LoadAsync(SourceHandle source, Dictionary<(string Task, int Version), Prediction> said, CancellationToken stop)
    {
        for (int batch = 1; !stop.IsCancellationRequested; batch++)
        {
            foreach (string task in Names().Where(name => name != "large"))
            {
                await AdaptAsync(source, task, batch, said);
            }

            await source.Task($"passing {batch}").AdaptAsync(RowsOf("passing", batch), Token);
            await source.Task($"passing {batch}").DeleteAsync(Token);
        }
    }
}
