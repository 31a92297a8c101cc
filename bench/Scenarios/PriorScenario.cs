using System.Diagnostics;
using System.Text.Json;
using AdaptCluster.Bench.Peers;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using TorchSharp;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>The fleet prior of many small tasks: ours, and automatic differentiation through a batched Cholesky in PyTorch, in turns.</summary>
internal static class PriorScenario
{
    private const int Rounds = 5;

    /// <param name="options">The number of tasks, or none for 2,000 (short: 300).</param>
    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options)
    {
        PriorFleet fleet = PriorFleet.Of(options.Rows ?? (options.Short ? 300 : 2_000));
        var settings = new FleetFitOptions();
        string folder = Path.Combine(Path.GetTempPath(), $"adapt-prior-{Guid.NewGuid():N}");
        try
        {
            // Code of a silo that runs has been compiled for good, as the peer's libraries have.
            Fit(fleet, settings, out _);
            Fit(fleet, settings, out IEnumerable<double> start);
            fleet.Write(folder, start, settings.Tolerance);
            var runs = new List<(Timed Ours, Peer Peer)>();
            for (int i = 0; i < Rounds; i++)
            {
                runs.Add((Fit(fleet, settings, out _), await PeerAsync(folder)));
            }

            return Report(fleet, runs);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ScenarioReport Report(PriorFleet fleet, List<(Timed Ours, Peer Peer)> runs)
    {
        (Timed ours, Peer peer) = runs.OrderBy(run => run.Peer.Seconds / run.Ours.Seconds).ElementAt(Rounds / 2);
        FleetFit fit = ours.Fit;
        double distance = Logarithms(fit).Zip(peer.X, (a, b) => Math.Abs(a - b)).Max();
        return ScenarioReport.Of(
            "prior",
            new Figure(
                "prior_fit_speedup_over_torch",
                peer.Seconds / ours.Seconds,
                "1",
                null,
                $"{fleet.Tasks.Length:N0} tasks of {PriorFleet.Rows} rows, {fleet.Model.Spec.Blocks.Length} blocks, from rows and weights to the prior: {peer.Seconds:0.00} s over {ours.Seconds:0.000} s, "
                + $"the median of {Rounds} turns ({string.Join(", ", runs.Select(run => (run.Peer.Seconds / run.Ours.Seconds).ToString("0.0")))}); fp64, same start, same tolerance of the gradient ({new FleetFitOptions().Tolerance:G1})"),
            new Figure(
                "prior_fit_cpu_speedup_over_torch",
                peer.Cpu / ours.Cpu,
                "1",
                null,
                $"the same in processor seconds, which neighbours on the machine disturb less: {peer.Cpu:0.00} over {ours.Cpu:0.00}"),
            new Figure(
                "prior_fit_evaluations_over_torch",
                (double)fit.Evaluations / peer.Evaluations,
                "1",
                null,
                $"{fit.Evaluations} by average information, {peer.Evaluations} by L-BFGS with a strong Wolfe search"),
            new Figure(
                "prior_evaluation_speedup_over_torch",
                (peer.Seconds - peer.Kernels) / peer.Evaluations / ((ours.Seconds - ours.Prepared) / fit.Evaluations),
                "1",
                null,
                $"one evaluation with its derivatives: {(peer.Seconds - peer.Kernels) / peer.Evaluations * 1e3:0} ms over {(ours.Seconds - ours.Prepared) / fit.Evaluations * 1e3:0} ms; "
                + $"kernels once: {peer.Kernels:0.00} s and {ours.Prepared:0.00} s"),
            new Figure(
                "prior_objective_above_torch",
                -fit.LogEvidencePerObservation - peer.Objective,
                "nats",
                0,
                $"ours less the peer's negative log evidence per observation; largest difference of a log-parameter {distance:G2}"));
    }

    private static Timed Fit(PriorFleet fleet, FleetFitOptions options, out IEnumerable<double> start)
    {
        using var network = new SourceNetwork(fleet.Model, torch.CPU);
        torch.set_num_threads(Environment.ProcessorCount);
        using var process = Process.GetCurrentProcess();
        TimeSpan spent = process.TotalProcessorTime;
        long started = Stopwatch.GetTimestamp();
        using var evidence = new FleetEvidence(network, fleet.Tasks, options);
        double prepared = Stopwatch.GetElapsedTime(started).TotalSeconds;
        FleetFit fit = FleetPriorFitter.Fit(evidence, fleet.Model.Spec, options);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        process.Refresh();
        spent = process.TotalProcessorTime - spent;
        start = new FleetObjective(evidence, fleet.Model.Spec, options, CancellationToken.None).Start;
        return new Timed(fit, seconds, prepared, spent.TotalSeconds);
    }

    private static async Task<Peer> PeerAsync(string folder)
    {
        using JsonDocument document = await PythonProgram.RunAsync("prior.py", folder);
        JsonElement root = document.RootElement;
        return new Peer(
            root.GetProperty("seconds_total").GetDouble(),
            root.GetProperty("seconds_kernels").GetDouble(),
            root.GetProperty("seconds_cpu").GetDouble(),
            root.GetProperty("evaluations").GetInt32(),
            root.GetProperty("objective").GetDouble(),
            [.. root.GetProperty("x").EnumerateArray().Select(value => value.GetDouble())]);
    }

    private static double[] Logarithms(FleetFit fit) => [.. fit.Prior.BlockScales.Select(Math.Log), Math.Log(fit.Prior.NoiseVariance[0])];

    private sealed record Timed(FleetFit Fit, double Seconds, double Prepared, double Cpu);

    private sealed record Peer(double Seconds, double Kernels, double Cpu, int Evaluations, double Objective, double[] X);
}
