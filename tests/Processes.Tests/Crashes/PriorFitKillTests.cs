using System.Net;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Crashes;

/// <summary>kill -9 in the middle of a fit: of one of three silos, or of the only one. It goes on, and nobody can tell from the prior.</summary>
public sealed class PriorFitKillTests
{
    private const int Inputs = 6;
    private const int Width = 24;

    /// <summary>Something has become durable by then, and there is more to do than before.</summary>
    private const int KilledAfter = 40;

    /// <summary>Detection, loading, and what was lost, on busy cores.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(3);

    /// <summary>One try of a call; a call to a silo that died says nothing for longer.</summary>
    private static readonly TimeSpan s_try = TimeSpan.FromSeconds(2);

    // Directions, so that a small fleet takes many evaluations.
    private static readonly PriorFitOptions s_options = new() { Rank = 3, MaxIterations = 60, Seed = 4 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Kill_OneOfThreeSilosInTheMiddleOfAFit_EndsWithTheSamePrior(bool killsTheSum)
    {
        await using SiloCluster cluster = await SiloCluster.StartAsync(3, "--threads", "1");
        IPEndPoint[] gateways = [.. cluster.Alive.Select(silo => silo.Gateway)];
        await using ClusterConnection connection = await ClusterConnection.ConnectAsync(
            new ClusterConnectionOptions { Gateways = gateways, ResponseTimeout = s_try * 5 }, Token);
        SourceHandle source = await RegisterAsync(new AdaptClient(connection.Grains));
        TaskRows[] fleet = Fleet(600);
        PriorDescription expected = await source.FitPriorAsync(fleet, s_options, cancellationToken: Token);
        var fit = Guid.NewGuid();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        Task<PriorDescription> fitting = source.FitPriorAsync(fleet, With(fit), new Reached(reached), Token);
        await reached.Task.WaitAsync(s_longest, Token);
        int sum = await SiloOfAsync(connection.Grains, connection.Grains.GetGrain<IPriorFitGrain>($"{source.Key}/{fit:N}"), gateways);
        await cluster.KillAsync(killsTheSum ? sum : (sum + 1) % cluster.Count);
        PriorDescription prior = await fitting.WaitAsync(s_longest, Token);

        AssertSame(expected, prior);
    }

    [Fact]
    public async Task Kill_TheOnlySiloInTheMiddleOfAFit_GoesOnWithTheNextAndEndsWithTheSamePrior()
    {
        using var folder = new DataFolder();
        TaskRows[] fleet = Fleet(600);
        PriorDescription expected;
        await using (SiloProcess silo = await SiloProcess.StartAsync(folder.DataDirectory, "--threads", "1"))
        {
            SourceHandle source = await RegisterAsync(await silo.ConnectAsync());
            expected = await source.FitPriorAsync(fleet, s_options, cancellationToken: Token);
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var left = new CancellationTokenSource();
            Task<PriorDescription> fitting = source.FitPriorAsync(fleet, s_options, new Reached(reached), left.Token);
            await reached.Task.WaitAsync(s_longest, Token);
            silo.Process.Kill();
            await left.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fitting);
        }

        // The same tasks and options, sent again: they join the fit that goes on by itself.
        await using SiloProcess next = await SiloProcess.StartAsync(folder.DataDirectory, "--threads", "1");
        PriorDescription prior = await (await next.ConnectAsync()).Source("generated").FitPriorAsync(fleet, s_options, cancellationToken: Token).WaitAsync(s_longest, Token);

        AssertSame(expected, prior);
    }

    private static PriorFitOptions With(Guid fit) => new() { Rank = s_options.Rank, MaxIterations = s_options.MaxIterations, Seed = s_options.Seed, Fit = fit };

    private static void AssertSame(PriorDescription expected, PriorDescription actual)
    {
        Assert.Equal((2, expected.Fit!.Evaluations), (actual.Version, actual.Fit!.Evaluations));
        Assert.Equal(expected.BlockScales.Select(BitConverter.DoubleToInt64Bits), actual.BlockScales.Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(expected.NoiseVariance.Select(BitConverter.DoubleToInt64Bits), actual.NoiseVariance.Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(expected.MovesHash, actual.MovesHash);
    }

    private static async Task<SourceHandle> RegisterAsync(AdaptClient client)
    {
        var random = new Random(3);
        int parameters = (Inputs * Width) + Width + (Width * Width) + Width + Width + 1;
        SourceHandle source = client.Source("generated");
        await source.RegisterAsync(
            new SourceRegistration
            {
                Schema = InputSchema.Numeric([.. Enumerable.Range(0, Inputs).Select(i => $"x{i}")]),
                Targets = ["y"],
                Network = NetworkDescription.Mlp(Inputs, [Width, Width], 1, "tanh"),
                Weights = TensorPayload.FromVector([.. Enumerable.Range(0, parameters).Select(_ => (float)(random.NextDouble() - 0.5))]),
            },
            Token);
        return source;
    }

    // Every task has a wave of its own.
    private static TaskRows[] Fleet(int tasks) => [.. Enumerable.Range(0, tasks).Select(task =>
    {
        var random = new Random(100 + task);
        double phase = 6 * random.NextDouble();
        double[] inputs = [.. Enumerable.Range(0, 24 * Inputs).Select(_ => (2 * random.NextDouble()) - 1)];
        double[] targets = [.. Enumerable.Range(0, 24).Select(i => Math.Sin((3 * inputs[i * Inputs]) + phase) + (0.2 * random.NextDouble()))];
        return new TaskRows($"task {task}", new LabelledRows(new Rows(24, Inputs, inputs), new Rows(24, 1, targets)));
    })];

    private static async Task<int> SiloOfAsync(IGrainFactory grains, IAddressable grain, IPEndPoint[] gateways)
    {
        IManagementGrain management = grains.GetGrain<IManagementGrain>(0);
        SiloAddress? address = await management.GetActivationAddress(grain);
        MembershipEntry entry = Assert.Single(await management.GetDetailedHosts(onlyActive: true), host => host.SiloAddress.Equals(address));
        return Array.FindIndex(gateways, gateway => gateway.Port == entry.ProxyPort);
    }

    private sealed class Reached(TaskCompletionSource reached) : IProgress<PriorFitUpdate>
    {
        public void Report(PriorFitUpdate value)
        {
            if (value.Evaluation >= KilledAfter)
            {
                reached.TrySetResult();
            }
        }
    }
}
