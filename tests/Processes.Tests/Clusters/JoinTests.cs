using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Clusters;

/// <summary>Silos that join the embedded store of another are one cluster with it; what lasts is in that one's data directory.</summary>
public sealed class JoinTests : IDisposable
{
    private const int Tasks = 8;

    /// <summary>Over 64 KB: these rows are a file of the silo that has the store.</summary>
    private const int RowsOfTheLargeTask = 6_000;

    /// <summary>A silo of a store starts, and those that have joined it find it again.</summary>
    private static readonly TimeSpan s_recovery = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan s_try = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private static readonly Rows s_probe = GeneratedSource.Rows(5, seed: 99).Inputs;

    private readonly DataFolder _folder = new();
    private readonly string _secret;
    private readonly int _gateway = FreePort(), _siloPort = FreePort(), _storePort = FreePort();

    public JoinTests() => _secret = _folder.Write("secret", "not to be guessed, of 16 and more\n");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Store => $"127.0.0.1:{_storePort}";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Join_AnotherSilosStore_OneClusterWithTheFilesOfTheFirst()
    {
        await using SiloProcess first = await StartFirstAsync();
        await using SiloProcess second = await JoinAsync();
        await using SiloProcess third = await JoinAsync();
        SourceHandle source = await GeneratedSource.RegisterAsync(await third.ConnectAsync(), Token);

        Dictionary<string, Prediction> told = await AdaptAsync(source, [.. Names("a"), "large"]);
        TaskDescription solved = await source.Task("large").AdaptAsync(GeneratedSource.Rows(100, seed: 77), GeneratedSource.LongSolve, Token);

        Assert.Equal(3, solved.Posterior!.Solve!.Plan.RowsPerShard.Length);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_folder.DataDirectory, "tensors", "observations"), "*.safetensors", SearchOption.AllDirectories));
        told["large"] = await source.Task("large").PredictAsync(s_probe, Token);
        foreach (SiloProcess silo in (SiloProcess[])[first, second, third])
        {
            await VerifyAsync((await silo.ConnectAsync()).Source("generated"), told);
        }

        // Commands on the data directory find the silo that serves it, as ever; files are backed up where they are.
        CommandResult list = await _folder.RunAsync("sources", "list", "--json");
        Assert.Contains("generated", list.Out, StringComparison.Ordinal);
        CommandResult backup = await _folder.RunAsync("backup", _folder.File("backup"));
        Assert.True(backup.ExitCode == 0, backup.ToString());
        InvalidInputException elsewhere = await Assert.ThrowsAsync<InvalidInputException>(
            async () => await (await second.ConnectAsync()).BackupAsync(_folder.File("backup of the second"), cancellationToken: Token));
        Assert.Contains("give the gateway of the silo that has the store", elsewhere.Message, StringComparison.Ordinal);

        second.Process.Kill();
        await VerifyAsync((await first.ConnectAsync(responseTimeout: s_try)).Source("generated"), told);
        await VerifyAsync((await third.ConnectAsync(responseTimeout: s_try)).Source("generated"), told);
    }

    [Fact]
    public async Task Kill_TheSiloThatHasTheStore_TheOthersSayThatItIsGoneAndGoOnWhenItIsBack()
    {
        SiloProcess first = await StartFirstAsync();
        await using SiloProcess second = await JoinAsync();
        await using ClusterConnection connection = await ClusterConnection.ConnectAsync(
            new ClusterConnectionOptions { Gateways = [first.Gateway, second.Gateway], RepeatLostCallsFor = s_try }, Token);
        SourceHandle source = await GeneratedSource.RegisterAsync(new AdaptClient(connection.Grains), Token);
        Dictionary<string, Prediction> told = await AdaptAsync(source, [.. Names("before"), "large"]);

        first.Process.Kill();
        await first.DisposeAsync();
        StoreException gone = await RefusedAsync(source);
        Assert.StartsWith("the store of the silo at ", gone.Message, StringComparison.Ordinal);
        Assert.Contains(Store, gone.Message, StringComparison.Ordinal);
        Assert.True(gone.IsRetryable);
        Assert.False(second.Process.HasExited);
        int warm = (await Task.WhenAll(told.Select(entry => IsToldAsync(source.Task(entry.Key), entry.Value)))).Count(isTold => isTold);
        Assert.True(warm > 0, "no task lived in the silo that is left");

        long started = Stopwatch.GetTimestamp();
        await using SiloProcess again = await StartFirstAsync();
        await VerifyAsync(source, told);
        TestContext.Current.TestOutputHelper?.WriteLine($"{gone.Message}\n{warm} of {told.Count} tasks predicted meanwhile; all answer {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s after the store's silo was started again");
        await AdaptAsync(source, Names("after"));
        await VerifyAsync((await second.ConnectAsync(responseTimeout: s_try)).Source("generated"), told);
        Assert.False(second.Process.HasExited);
    }

    [Fact]
    public async Task Join_WhatCannotBe_RefusedInOneLine()
    {
        await using SiloProcess first = await StartFirstAsync();
        string other = _folder.Write("other", "another secret of more than 16\n");
        string shortOne = _folder.Write("short", "short\n");
        (string[] Arguments, string Error)[] cases =
        [
            (["--join", Store, "--store-secret", other], $"--store-secret: the store of {Store} asks for another one; "),
            (["--join", Store], $"--store-secret: the store of {Store} asks for another one; "),
            (["--join", Store, "--store-secret", shortOne], $"--store-secret: the first line of '{shortOne}' has 5 characters; "),
            (["--join", "127.0.0.1:1", "--store-secret", _secret], "the store of 127.0.0.1:1 of --join does not answer; "),
            (["--join", Store, "--redis", Store], "--redis: with --join, what lasts is in the silo that has the store; "),
            (["--join", "10.1.2.3:6400"], "--address: the silos of 10.1.2.3:6400 do not reach this one at 127.0.0.1; "),
            (["--join", "somewhere"], "--join: 'somewhere' is not host:port; "),
            (["--store-port", "0", "--listen", "any"], "--store-port: whoever reaches 0.0.0.0 could read and change everything; name a file with a secret by --store-secret"),
            (["--store-secret", _secret], "--store-secret: the store serves this silo only; "),
        ];
        foreach ((string[] arguments, string error) in cases)
        {
            await using ChildProcess silo = ChildProcess.Adapt(["silo", .. arguments]);

            string line = (await silo.EndAsync()).OneLineError(2);

            Assert.Contains(error, line, StringComparison.Ordinal);
        }
    }

    private static string[] Names(string prefix) => [.. Enumerable.Range(0, Tasks).Select(i => $"{prefix} {i}")];

    private static LabelledRows RowsOf(string task) =>
        GeneratedSource.Rows(task == "large" ? RowsOfTheLargeTask : 12, task.Aggregate(17, (hash, c) => (hash * 31) + c));

    private static async Task<Dictionary<string, Prediction>> AdaptAsync(SourceHandle source, string[] tasks)
    {
        var told = new Dictionary<string, Prediction>(StringComparer.Ordinal);
        foreach (string task in tasks)
        {
            told[task] = await RetryAsync(async () =>
            {
                await source.Task(task).AdaptAsync(RowsOf(task), Token);
                return await source.Task(task).PredictAsync(s_probe, Token);
            });
        }

        return told;
    }

    private static Task VerifyAsync(SourceHandle source, Dictionary<string, Prediction> told) => Task.WhenAll(told.Select(async entry =>
    {
        Prediction now = await RetryAsync(() => source.Task(entry.Key).PredictAsync(s_probe, Token));
        Assert.Equal(entry.Value.Version, now.Version);
        Same.Numbers(entry.Value, now);
    }));

    /// <summary>New tasks, until one is refused by a silo that is there: some are asked of grains that were in the one that is gone.</summary>
    private static async Task<StoreException> RefusedAsync(SourceHandle source)
    {
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; ; i++)
        {
            try
            {
                await source.Task($"without {i}").AdaptAsync(RowsOf("without"), Token);
                Assert.Fail("A task was acknowledged without a store.");
            }
            catch (StoreException gone)
            {
                return gone;
            }
            catch (CallLostException error) when (Stopwatch.GetElapsedTime(started) < s_recovery)
            {
                // It was for a grain in the silo that is gone.
                TestContext.Current.TestOutputHelper?.WriteLine(error.Message);
            }
        }
    }

    /// <summary>Whether a task answers, from memory; those that lived in the silo that is gone do not.</summary>
    private static async Task<bool> IsToldAsync(TaskHandle task, Prediction told)
    {
        try
        {
            Prediction now = await task.PredictAsync(s_probe, Token);
            Same.Numbers(told, now);
            return true;
        }
        catch (AdaptException gone)
        {
            Assert.True(gone is CallLostException or StoreException, gone.ToString());
            return false;
        }
    }

    private static async Task<T> RetryAsync<T>(Func<Task<T>> call)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception error) when (
                error is TimeoutException or OrleansException or AdaptException { IsRetryable: true } && Stopwatch.GetElapsedTime(started) < s_recovery)
            {
                await Task.Delay(s_pause, Token);
            }
        }
    }

    private Task<SiloProcess> StartFirstAsync() => SiloProcess.StartAsync(
        _folder.DataDirectory,
        "--threads", "1", "--port", $"{_gateway}", "--silo-port", $"{_siloPort}", "--store-port", $"{_storePort}", "--store-secret", _secret);

    private Task<SiloProcess> JoinAsync() => SiloProcess.JoinAsync(Store, "--store-secret", _secret, "--threads", "1");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
