using System.Diagnostics;
using AdaptCluster.Bench.Peers;
using AdaptCluster.Client;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Silo;
using AdaptCluster.Silo.DataDirectories;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>The same posterior by PyTorch, as an expert would write it, and by a running silo through its client, in one run.</summary>
internal static class PeersScenario
{
    private const int WarmRows = 2_500; // enough for a solve of the same kind
    private const int Rounds = 3;

    private static readonly (string Name, string[] Arguments)[] s_methods =
    [
        ("Cholesky fp64", ["--method", "cholesky", "--factor", "f64"]),
        ("Cholesky fp32, refined", ["--method", "cholesky", "--factor", "f32"]),
        ("CG", ["--method", "cg"]),
    ];

    /// <param name="options">One size, or none for 8,000 and 20,000.</param>
    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options)
    {
        int[] sizes = options.Rows is { } rows ? [rows] : [8_000, 20_000];
        var figures = new List<Figure>();
        foreach (int n in sizes)
        {
            figures.AddRange(await CompareAsync(PeerTask.Of(n)));
        }

        return ScenarioReport.Of("peers", [.. figures]);
    }

    private static async Task<IEnumerable<Figure>> CompareAsync(PeerTask task)
    {
        string folder = Path.Combine(Path.GetTempPath(), $"adapt-peers-{Guid.NewGuid():N}");
        try
        {
            task.Write(folder);
            (string Name, string[] Arguments, PeerRun Run)[] peers = await PeersAsync(folder);
            (string name, string[] quickest, _) = peers.MinBy(peer => peer.Run.Seconds);
            await using AdaptSilo silo = await StartAsync(Path.Combine(folder, "silo"));
            SourceHandle source = await RegisterAsync(silo, task);
            await WarmAsync(source, task);
            var theirs = new List<PeerRun>();
            var ours = new List<OwnRun>();
            for (int round = 0; round < Rounds; round++)
            {
                theirs.Add(await PeerRun.RunAsync(folder, quickest));
                ours.Add(await OursAsync(source, task));
            }

            PeerRun peer = theirs.OrderBy(run => run.Seconds).ElementAt(Rounds / 2);
            OwnRun own = ours.OrderBy(run => run.Seconds).ElementAt(Rounds / 2);
            (double mean, double variance) = Differences(own.Prediction, peers[0].Run);
            int n = task.Data.Rows;
            string all = string.Join(", ", peers.Select(each => $"{each.Name} {each.Run.Seconds:0.0} s"));
            return
            [
                new Figure($"peer_n{n}_ratio", own.Seconds / peer.Seconds, "1", 1, $"ours over the quickest peer ({name}): {own.Seconds:0.00} s over {peer.Seconds:0.00} s, medians of {Rounds} in turn; once each: {all} (at {peer.Gflops:0} GFLOP/s); 259,501 parameters, mean and variance at 500 points"),
                new Figure($"peer_n{n}_mean_difference", mean, "1", null, "the largest, from the peer's fp64 Cholesky, in its standard deviations"),
                new Figure($"peer_n{n}_variance_above", variance, "1", null, "the largest relative difference of a variance from the peer's"),
                new Figure($"peer_n{n}_seconds", own.Seconds, "s", null, Describe(own)),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(string, string[], PeerRun)[]> PeersAsync(string folder)
    {
        var runs = new List<(string, string[], PeerRun)>();
        foreach ((string name, string[] arguments) in s_methods)
        {
            runs.Add((name, arguments, await PeerRun.RunAsync(folder, arguments)));
        }

        return [.. runs];
    }

    private static async Task<AdaptSilo> StartAsync(string path)
    {
        var settings = new SiloSettings { DataDirectory = path, Role = SiloRole.Private };
        DataDirectory directory = DataDirectory.TryOpen(path, SiloRole.Private) ?? throw new InvalidOperationException($"'{path}' is in use.");
        AdaptSilo silo = await AdaptSilo.StartAsync(settings, directory);
        await silo.OpenDeviceAsync();
        return silo;
    }

    private static async Task<SourceHandle> RegisterAsync(AdaptSilo silo, PeerTask task)
    {
        SourceHandle source = new AdaptClient(silo.Grains, "bench").Source("peer");
        await source.RegisterAsync(new SourceRegistration
        {
            Schema = InputSchema.Numeric([.. Enumerable.Range(0, task.Data.Inputs.Columns).Select(i => $"x{i}")]),
            Targets = ["y"],
            Network = NetworkDescription.Mlp(task.Data.Inputs.Columns, [500, 500], 1, "tanh"),
            Weights = TensorPayload.FromVector(task.Model.Weights.Values),
        });
        await source.SetPriorAsync(new PriorSetting(task.Prior.BlockScales[0], task.Prior.NoiseVariance[0], MeanIsSource: true));
        return source;
    }

    // Rows are observed before: the peer has them in memory too. Adaptation and prediction are timed, durable as always. What they hold is given back,
    // as the peer's process gives its memory back: memory that a virtual machine has not touched for seconds costs more than the arithmetic on it.
    private static async Task<OwnRun> OursAsync(SourceHandle source, PeerTask task)
    {
        TaskHandle handle = source.Task("all");
        await handle.ObserveAsync(new LabelledRows(Rows(task.Data.Inputs), Rows(task.Data.Targets)));
        long started = Stopwatch.GetTimestamp();
        TaskDescription adapted = await handle.AdaptAsync();
        long between = Stopwatch.GetTimestamp();
        Prediction prediction = await handle.PredictAsync(Rows(task.Tests));
        var run = new OwnRun(Stopwatch.GetElapsedTime(started).TotalSeconds, Stopwatch.GetElapsedTime(between).TotalSeconds, prediction, adapted);
        await handle.DeleteAsync();
        return run;
    }

    // A silo that runs has opened its device and measured it; the peer has multiplied large matrices before it is timed, too.
    private static async Task WarmAsync(SourceHandle source, PeerTask task)
    {
        TaskHandle warm = source.Task("warm");
        await warm.AdaptAsync(new LabelledRows(Rows(task.Data.Inputs.Slice(0, WarmRows)), Rows(task.Data.Targets.Slice(0, WarmRows))));
        await warm.PredictAsync(Rows(task.Tests));
    }

    private static (double Mean, double Variance) Differences(Prediction ours, PeerRun peer)
    {
        double mean = 0;
        double variance = 0;
        for (int i = 0; i < peer.Mean.Length; i++)
        {
            mean = Math.Max(mean, Math.Abs(ours.Mean.Values[i] - peer.Mean[i]) / Math.Sqrt(peer.Variance[i]));
            variance = Math.Max(variance, Math.Abs(ours.LatentVariance.Values[i] - peer.Variance[i]) / peer.Variance[i]);
        }

        return (mean, variance);
    }

    private static string Describe(OwnRun run)
    {
        PosteriorDescription posterior = run.Adapted.Posterior!;
        string how = posterior.Solve is { } solve ? solve.Plan.Name : $"a direct solve in {posterior.Space} space{(posterior.IsRefined ? ", fp32 refined" : string.Empty)}";
        return $"through the client of an embedded silo, observations durable before, posterior durable before it answers: {how}; "
            + $"adapted in {run.Seconds - run.Predicting:0.00} s, {posterior.DeviceMilliseconds / 1000:0.00} of it on the device, predicted in {run.Predicting:0.00} s";
    }

    private static Rows Rows(Numerics.Data.RowMatrix matrix) => new(matrix.Rows, matrix.Columns, matrix.Values);

    /// <param name="Seconds">Adaptation and prediction.</param>
    /// <param name="Predicting">The latter of them.</param>
    /// <param name="Prediction">At the test rows.</param>
    /// <param name="Adapted">What was solved, and how.</param>
    private sealed record OwnRun(double Seconds, double Predicting, Prediction Prediction, TaskDescription Adapted);
}
