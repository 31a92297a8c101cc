using System.Net;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Operations;

/// <summary>What a service manager does: SIGTERM, and a new process in the place of the old.</summary>
public sealed class DrainTests
{
    private const string Source = "prices";
    private const int Callers = 4;

    private static readonly TimeSpan s_longestDrain = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RollingRestart_ThreeSilosUnderLoad_NoCallOfTheSdkFails()
    {
        await using SiloCluster cluster = await SiloCluster.StartAsync(3, "--threads", "1");
        SourceHandle registered = await RegisterAsync(cluster[0]);
        await registered.Task("kept").AdaptAsync(Rows(0), Token);
        List<IPEndPoint> gateways = [.. cluster.Alive.Select(silo => silo.Gateway)];
        using var stop = new CancellationTokenSource();

        // The SDK as it comes: a lost call is made again by it, and not by this test.
        await using ClusterConnection connection = await ClusterConnection.ConnectAsync(new ClusterConnectionOptions { Gateways = [.. gateways] }, Token);
        SourceHandle source = new AdaptClient(connection.Grains).Source(Source);
        Task<int>[] callers = [.. Enumerable.Range(0, Callers).Select(caller => CallAsync(source, caller, stop.Token))];
        for (int silo = 0; silo < cluster.Count; silo++)
        {
            CommandResult ended = await cluster.RestartAsync(silo, s_longestDrain);

            Assert.True(ended.ExitCode == 0, ended.ToString());
            Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
        }

        await stop.CancelAsync();
        int[] calls = await Task.WhenAll(callers);
        Assert.All(calls, count => Assert.True(count > 10, $"{count} calls only"));
        TestContext.Current.TestOutputHelper?.WriteLine($"{calls.Sum()} calls");
    }

    [Fact]
    public async Task Sigterm_HealthPortGiven_ReadyWhileItServesAndGoneAfterwards()
    {
        using var folder = new DataFolder();
        await using SiloProcess silo = await SiloProcess.StartAsync(folder.DataDirectory, "--threads", "1", "--health-port", "0");
        var health = new Uri(silo.Process.Error.Split("health ")[1].Split(',')[0]);
        using var client = new HttpClient { BaseAddress = health };
        using HttpResponseMessage ready = await client.GetAsync("/health/ready", Token);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);

        silo.Process.Terminate();
        CommandResult ended = await silo.Process.EndAsync(s_longestDrain);

        Assert.Equal(0, ended.ExitCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/health/live", Token));
    }

    private static async Task<int> CallAsync(SourceHandle source, int caller, CancellationToken stop)
    {
        int calls = 0;
        Rows probe = Rows(99).Inputs;
        while (!stop.IsCancellationRequested)
        {
            TaskHandle task = source.Task($"caller {caller} task {calls}");
            TaskDescription adapted = await task.AdaptAsync(Rows(calls), Token);
            Prediction prediction = await task.PredictAsync(probe, Token);
            Assert.Equal((1, 1), (adapted.Posterior!.Version, prediction.Version));
            Assert.Equal(1, (await source.Task("kept").PredictAsync(probe, Token)).Version);
            calls++;
        }

        return calls;
    }

    private static LabelledRows Rows(int seed) => Bakeries.Numeric(Bakeries.Orders(seed + 1, 1, 8, "a"));

    private static async Task<SourceHandle> RegisterAsync(SiloProcess silo)
    {
        SourceHandle source = (await silo.ConnectAsync()).Source(Source);
        await source.RegisterAsync(
            new SourceRegistration
            {
                Schema = InputSchema.Numeric("weight_g", "hour"),
                Targets = [Bakeries.Target],
                Network = NetworkDescription.Mlp(2, [3], 1, "tanh"),
                Weights = TensorPayload.FromVector([1, -0.5f, 0.2f, 0.1f, 0.7f, -0.3f, 0.4f, 0.6f, -0.8f, 0.3f, 0.9f, -0.2f, 0.5f]),
                InputMean = [1400, 12],
                InputScale = [600, 4],
                OutputMean = [1200],
                OutputScale = [200],
            },
            Token);
        await source.SetPriorAsync(new PriorSetting(0.5, 0.1, MeanIsSource: true), Token);
        return source;
    }
}
