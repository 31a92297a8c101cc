using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Crashes;

/// <summary>kill -9 at random moments: what was acknowledged is there and says the same, what was not can be sent again.</summary>
public sealed class KillTests(CrashFixture crash) : IClassFixture<CrashFixture>
{
    private const int Rounds = 20;
    private const int Concurrency = 8;
    private const int MostTasks = 400;
    private const int RowsPerTask = 12;

    private static readonly Rows s_probe = Bakeries.Numeric(Bakeries.Orders(99, 1, 5, "probe")).Inputs;

    private readonly Dictionary<string, Acknowledgement> _acknowledged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LabelledRows> _unknown = new(StringComparer.Ordinal);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_WhileTasksAreAdapted_NothingAcknowledgedIsLostOrChanged()
    {
        var random = new Random(20);
        int unfinished = 0;
        int retried = 0;
        for (int round = 0; round < Rounds; round++)
        {
            if (round % 5 == 4)
            {
                // The command itself is the silo here: it dies the moment its answer is complete.
                await AdaptEmbeddedAndKillAsync(round);
            }

            await using SiloProcess silo = round % 2 == 0
                ? await SiloProcess.StartAsync(crash.Folder.DataDirectory)
                : await SiloProcess.StartServiceAsync(crash.Folder.DataDirectory);
            SourceHandle source = (await silo.ConnectAsync()).Source(CrashFixture.Source);
            await VerifyAcknowledgedAsync(source);
            retried += await RetryUnknownAsync(source);
            if (round % 4 == 3)
            {
                await AdaptByCommandAndKillAsync(silo, round);
            }
            else
            {
                unfinished += await AdaptAndKillAsync(silo, source, round, random);
            }
        }

        await using SiloProcess last = await SiloProcess.StartAsync(crash.Folder.DataDirectory);
        SourceHandle survivors = (await last.ConnectAsync()).Source(CrashFixture.Source);
        await VerifyAcknowledgedAsync(survivors);
        retried += await RetryUnknownAsync(survivors);
        await VerifyAcknowledgedAsync(survivors);
        Assert.Equal(_acknowledged.Keys.Order(StringComparer.Ordinal), await survivors.ListTaskNamesAsync(Token));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{_acknowledged.Count} acknowledged tasks, {unfinished} calls cut off, {retried} tasks sent again");

        // Or the test would not have tested what it says.
        Assert.True(unfinished > Rounds, $"only {unfinished} calls were under way when a silo was killed");
        Assert.True(_acknowledged.Count > 5 * Rounds, $"only {_acknowledged.Count} acknowledgements");
    }

    private static LabelledRows RowsOf(string task) =>
        Bakeries.Numeric(Bakeries.Orders(task.Aggregate(17, (hash, c) => (hash * 31) + c), 1, RowsPerTask, task));

    /// <summary>Adapts task after task by the SDK and kills the silo while several are under way.</summary>
    /// <returns>How many calls got no answer.</returns>
    private async Task<int> AdaptAndKillAsync(SiloProcess silo, SourceHandle source, int round, Random random)
    {
        int killAfter = random.Next(3, 30);
        var grace = TimeSpan.FromMilliseconds(random.NextDouble() * 8);
        using var dead = new CancellationTokenSource();
        var acknowledged = new ConcurrentBag<Acknowledgement>();
        var cutOff = new ConcurrentBag<string>();
        var tasks = new ConcurrentQueue<string>(Enumerable.Range(0, MostTasks).Select(i => $"round {round:00} task {i:000}"));
        int count = 0;
        await Task.WhenAll(Enumerable.Range(0, Concurrency).Select(_ => Task.Run(WorkAsync, Token)));
        Assert.True(dead.IsCancellationRequested, "all tasks were adapted before the silo was to be killed");
        foreach (Acknowledgement one in acknowledged)
        {
            _acknowledged.Add(one.Task, one);
        }

        foreach (string task in cutOff)
        {
            _unknown.Add(task, RowsOf(task));
        }

        return cutOff.Count;

        async Task WorkAsync()
        {
            while (!dead.IsCancellationRequested && tasks.TryDequeue(out string? task))
            {
                LabelledRows rows = RowsOf(task);
                TaskDescription description;
                try
                {
                    description = await source.Task(task).AdaptAsync(rows, Token).WaitAsync(dead.Token);
                }
                catch (Exception error) when (dead.IsCancellationRequested && error is not AdaptException)
                {
                    cutOff.Add(task);
                    return;
                }

                Prediction? prediction = null;
                try
                {
                    prediction = await source.Task(task).PredictAsync(s_probe, Token).WaitAsync(dead.Token);
                }
                catch (Exception error) when (dead.IsCancellationRequested && error is not AdaptException)
                {
                    // The acknowledgement stands without it.
                }

                acknowledged.Add(new Acknowledgement(task, rows, description, prediction));
                if (Interlocked.Increment(ref count) == killAfter)
                {
                    Spin(grace);
                    silo.Process.Kill();
                    await dead.CancelAsync();
                }
            }
        }
    }

    /// <summary>Adapts by a command through the silo and kills the silo the moment the command's answer is complete.</summary>
    private async Task AdaptByCommandAndKillAsync(SiloProcess silo, int round)
    {
        await using ChildProcess command = StartCommand(round, "command");
        await command.UntilAsync(HasAnswered);
        silo.Process.Kill();
        Acknowledge(command.Out);
    }

    /// <summary>Adapts by a command without a silo and kills the command the moment its answer is complete.</summary>
    private async Task AdaptEmbeddedAndKillAsync(int round)
    {
        await using ChildProcess command = StartCommand(round, "embedded");
        await command.UntilAsync(HasAnswered);
        command.Kill();
        Acknowledge(command.Out);
    }

    private ChildProcess StartCommand(int round, string how)
    {
        string[] names = [.. Enumerable.Range(0, 6).Select(i => $"round {round:00} {how} {i}")];
        string file = crash.Folder.Write(
            "adapt.csv",
            Bakeries.Csv(names.SelectMany(name => Bakeries.Orders(name.Aggregate(17, (hash, c) => (hash * 31) + c), 1, RowsPerTask, name)
                .Select(order => order with { Shop = name }))));
        return crash.Folder.Start(
            "tasks", "adapt", CrashFixture.Source, "--data", file, "--target", Bakeries.Target, "--task", Bakeries.Task, "--json");
    }

    private static bool HasAnswered(ChildProcess command) => command.Out.EndsWith("\n}\n", StringComparison.Ordinal);

    private void Acknowledge(string document)
    {
        JsonElement answer = JsonDocument.Parse(document).RootElement;
        Assert.Empty(answer.GetProperty("failed").EnumerateArray());
        foreach (JsonElement task in answer.GetProperty("tasks").EnumerateArray())
        {
            string name = task.GetProperty("name").GetString()!;
            JsonElement posterior = task.GetProperty("posterior");
            _acknowledged.Add(name, new Acknowledgement(
                name,
                RowsOf(name),
                new TaskDescription
                {
                    Name = name,
                    Source = CrashFixture.Source,
                    Status = Enum.Parse<TargetTaskStatus>(task.GetProperty("status").GetString()!, ignoreCase: true),
                    Observations = task.GetProperty("observations").GetInt32(),
                    Posterior = JsonSerializer.Deserialize<PosteriorDescription>(posterior, JsonSerializerOptions.Web),
                },
                null));
        }
    }

    private async Task VerifyAcknowledgedAsync(SourceHandle source)
    {
        foreach (Acknowledgement one in _acknowledged.Values.ToArray())
        {
            Assert.Equal(TargetTaskStatus.Ready, one.Description.Status);
            Assert.Equal(RowsPerTask, one.Description.Observations);
            Assert.Equal(one.Description, await source.Task(one.Task).DescribeAsync(Token));
            Prediction now = await source.Task(one.Task).PredictAsync(s_probe, Token);
            Assert.Equal(one.Description.Posterior!.Version, now.Version);
            if (one.Prediction is { } before)
            {
                Same.Numbers(before, now);
                Assert.Equal(before.NoiseVariance, now.NoiseVariance);
            }
            else
            {
                // Nobody saw what it predicted; but the same rows under another name must predict the same.
                TaskHandle twin = source.Task($"twin of {one.Task}");
                await twin.AdaptAsync(one.Rows, Token);
                Prediction expected = await twin.PredictAsync(s_probe, Token);
                await twin.DeleteAsync(Token);
                Same.Numbers(expected, now);
                _acknowledged[one.Task] = one with { Prediction = now };
            }
        }
    }

    /// <summary>Sends again what got no answer.</summary>
    /// <returns>How many tasks.</returns>
    private async Task<int> RetryUnknownAsync(SourceHandle source)
    {
        int count = _unknown.Count;
        foreach ((string task, LabelledRows rows) in _unknown)
        {
            TaskHandle handle = source.Task(task);
            TaskDescription? found = await FindAsync(handle);
            if (found is not null)
            {
                Assert.Contains(found.Observations, (int[])[0, RowsPerTask]);
                Assert.True(found.Status is TargetTaskStatus.Ready or TargetTaskStatus.Solving or TargetTaskStatus.Stale, found.ToString());
                Assert.Equal(found.Status == TargetTaskStatus.Ready, found.Posterior is not null);
            }

            TaskDescription adapted = await handle.AdaptAsync(rows, Token);
            Assert.Equal(TargetTaskStatus.Ready, adapted.Status);
            Assert.Equal(RowsPerTask, adapted.Observations);
            Assert.Equal(RowsPerTask, adapted.Posterior!.Observations);
            Assert.Equal(1, adapted.Posterior.Version);
            _acknowledged.Add(task, new Acknowledgement(task, rows, adapted, await handle.PredictAsync(s_probe, Token)));
        }

        _unknown.Clear();
        return count;
    }

    private static async Task<TaskDescription?> FindAsync(TaskHandle task)
    {
        try
        {
            return await task.DescribeAsync(Token);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    /// <summary>A moment too short for a timer.</summary>
    private static void Spin(TimeSpan time)
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            Thread.SpinWait(50);
        }
    }
}
