using System.Text.Json;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Processes.Tests.Crashes;
using AdaptCluster.Processes.Tests.Sharing;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.BadInput;

[Collection(nameof(OneDirectory))]
public sealed class FullDiskTests(CrashFixture directory)
{
    private const long WithinTheReserve = 16L << 20;

    private static readonly Rows s_probe = Bakeries.Numeric(Bakeries.Orders(99, 1, 5, "probe")).Inputs;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_DiskTooSmall_IsRefusedInOneLine()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(40);

        CommandResult list = await RunAsync(disk, "sources", "list", "--json");
        CommandResult silo = await RunAsync(disk, "silo");

        string line = list.OneLineError(2);
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Assert.Contains(disk.Path, line, StringComparison.Ordinal);
        Assert.Contains("free", line, StringComparison.Ordinal);
        Assert.Equal(line, silo.OneLineError(2));
        Assert.False(Directory.Exists(Path.Combine(disk.Path, "store")));
    }

    [Fact]
    public async Task Adapt_DiskFillsUnderASilo_IsRefusedAndWorksAgainWithRoom()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(140);
        using (DataFolder copy = directory.Folder.Copy())
        {
            foreach (string file in Directory.GetFiles(copy.DataDirectory, "*", SearchOption.AllDirectories))
            {
                string target = Path.Combine(disk.Path, Path.GetRelativePath(copy.DataDirectory, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }

        string[] names = [.. Enumerable.Range(0, 10).Select(i => $"before {i}")];
        var before = new Dictionary<string, Prediction>(StringComparer.Ordinal);
        string held;
        await using (SiloProcess silo = await SiloProcess.StartAsync(disk.Path))
        {
            SourceHandle source = (await silo.ConnectAsync()).Source(CrashFixture.Source);
            foreach (string name in names)
            {
                await source.Task(name).AdaptAsync(RowsOf(name), Token);
                before[name] = await source.Task(name).PredictAsync(s_probe, Token);
            }

            held = await HeldAsync(source);
            disk.FillUpTo(WithinTheReserve);
            await RefusedAsync(source, "late");
            disk.FillUpTo(0);
            await RefusedAsync(source, "later");
            await RefusedAsync(source, names[0]);
            await RefusedByCommandAsync(disk);

            // What is there is served, and nothing of what was refused is.
            Assert.Equal(held, await HeldAsync(source));
            await SameAsync(source, before);

            File.Delete(disk.Filler);
            await AcceptedAsync(source, "late");
            before["late"] = await source.Task("late").PredictAsync(s_probe, Token);
            held = await HeldAsync(source);
            silo.Process.Kill();
        }

        await using SiloProcess again = await SiloProcess.StartAsync(disk.Path);
        SourceHandle survivors = (await again.ConnectAsync()).Source(CrashFixture.Source);
        Assert.Equal(held, await HeldAsync(survivors));
        await SameAsync(survivors, before);
    }

    private static LabelledRows RowsOf(string name) =>
        Bakeries.Numeric(Bakeries.Orders(name.Aggregate(17, (hash, c) => (hash * 31) + c), 1, 12, name));

    private static async Task RefusedAsync(SourceHandle source, string name)
    {
        // Other rows than before: an existing task would have to keep them.
        StoreException error = await Assert.ThrowsAsync<StoreException>(() => source.Task(name).AdaptAsync(RowsOf(name + " more"), Token));
        TestContext.Current.TestOutputHelper?.WriteLine(error.Message);
        Assert.Contains("free", error.Message, StringComparison.Ordinal);
    }

    private static async Task AcceptedAsync(SourceHandle source, string name)
    {
        TaskDescription adapted = await source.Task(name).AdaptAsync(RowsOf(name + " more"), Token);
        Assert.Equal(TargetTaskStatus.Ready, adapted.Status);
        Assert.Equal(12, adapted.Observations);
    }

    private static async Task RefusedByCommandAsync(SmallDisk disk)
    {
        using var elsewhere = new DataFolder();
        string file = elsewhere.Write("new.csv", Bakeries.Csv(Bakeries.Orders(7, 1, 40, "new ")));
        string[] labelled = ["--data", file, "--target", Bakeries.Target, "--task", Bakeries.Task, "--json"];
        CommandResult adapted = await RunAsync(disk, ["tasks", "adapt", CrashFixture.Source, .. labelled]);
        CommandResult trained = await RunAsync(disk, ["sources", "train", "another", .. labelled]);

        Assert.Equal(2, adapted.ExitCode);
        string line = Assert.Single(
            adapted.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.StartsWith("adapt: ", StringComparison.Ordinal));
        Assert.StartsWith("adapt: task 'new 0' failed: ", line, StringComparison.Ordinal);
        Assert.Contains(disk.Path, line, StringComparison.Ordinal);
        Assert.Contains("free", line, StringComparison.Ordinal);
        Assert.Contains(disk.Path, trained.OneLineError(2), StringComparison.Ordinal);
    }

    private static async Task<string> HeldAsync(SourceHandle source)
    {
        var tasks = new List<TaskDescription>();
        await foreach (TaskDescription task in source.ListTasksAsync(Token))
        {
            tasks.Add(task);
        }

        return JsonSerializer.Serialize(new { source = await source.DescribeAsync(Token), tasks });
    }

    private static async Task SameAsync(SourceHandle source, Dictionary<string, Prediction> before)
    {
        foreach ((string name, Prediction expected) in before)
        {
            Prediction now = await source.Task(name).PredictAsync(s_probe, Token);
            Assert.Equal(expected.Version, now.Version);
            Same.Numbers(expected, now);
        }
    }

    private static async Task<CommandResult> RunAsync(SmallDisk disk, params IEnumerable<string> arguments)
    {
        await using ChildProcess command = ChildProcess.Adapt([.. arguments, "--data-dir", disk.Path]);
        return await command.EndAsync();
    }
}
