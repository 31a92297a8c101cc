using System.Diagnostics;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>Kills any one of three silo processes at random moments of a long solve: what it costs, and whether it shows.</summary>
internal sealed class SolveFaultsScenario
{
    private const int Silos = 3;
    private const int DefaultKills = 30;
    private const int ShortRows = 20_000;
    private const int FullRows = 180_000; // about a minute on two cores

    /// <summary>What a solve may need beyond an undisturbed one before it counts as lost.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    /// <summary>Who looks on asks again soon: a call to a process that died says nothing.</summary>
    private static readonly TimeSpan s_looking = TimeSpan.FromSeconds(1);
    private static readonly Rows s_probe = GeneratedSource.Rows(200, seed: 7).Inputs;

    private readonly SiloCluster _cluster;
    private readonly ClusterConnection _caller;
    private readonly ClusterConnection _onlooker;
    private readonly LabelledRows _rows;
    private readonly AdaptOptions _options;
    private readonly double[] _deviations = GeneratedSource.PriorDeviations(s_probe);
    private readonly Random _random = new(4);
    private double _undisturbed;
    private double _pause;
    private SolvePlanDescription? _plan;
    private Prediction? _expected;

    private SolveFaultsScenario(SiloCluster cluster, ClusterConnection caller, ClusterConnection onlooker, int rows)
    {
        _cluster = cluster;
        _caller = caller;
        _onlooker = onlooker;
        _rows = GeneratedSource.Rows(rows, seed: 1);

        // Without a preconditioner and with factors that are formed anew, so that few rows take many and long iterations.
        _options = new AdaptOptions
        {
            Space = SolveSpace.ParameterSpace,
            Shards = Silos,
            KeepsFactors = false,
            Preconditioner = SolvePreconditioning.None,
        };
    }

    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options, CancellationToken cancellationToken)
    {
        await using SiloCluster cluster = await SiloCluster.StartAsync(Silos, threads: 1, cancellationToken);
        await using ClusterConnection caller = await cluster.ConnectAsync(responseTimeout: null, cancellationToken);
        await using ClusterConnection onlooker = await cluster.ConnectAsync(s_looking, cancellationToken);
        var scenario = new SolveFaultsScenario(cluster, caller, onlooker, options.Rows ?? (options.Short ? ShortRows : FullRows));
        return await scenario.MeasureAsync(options.Kills ?? DefaultKills, cancellationToken);
    }

    private async Task<ScenarioReport> MeasureAsync(int kills, CancellationToken cancellationToken)
    {
        SourceHandle source = await GeneratedSource.RegisterAsync(new AdaptClient(_caller.Grains), cancellationToken);
        TaskDescription clean = await UndisturbedAsync(source, cancellationToken);
        SolveSummary summary = clean.Posterior!.Solve!;
        await Console.Error.WriteLineAsync(
            $"undisturbed: {_undisturbed:0.0} s, longest pause {_pause:0.0} s, {summary.Iterations} iterations, residual {summary.RelativeResidual:0.0e0}, plan: {summary.Plan.Name}");
        var rounds = new List<FaultRound>();
        while (rounds.Count < kills)
        {
            if (await RoundAsync(rounds.Count, cancellationToken) is { } round)
            {
                rounds.Add(round);
            }
        }

        return Report(rounds, clean);
    }

    // The first solve of a process opens its device and measures it: only the second is timed.
    private async Task<TaskDescription> UndisturbedAsync(SourceHandle source, CancellationToken cancellationToken)
    {
        await source.Task("warm").AdaptAsync(GeneratedSource.Rows(3_000, seed: 2), _options, cancellationToken);
        TaskHandle task = source.Task("clean");
        await task.ObserveAsync(_rows, cancellationToken: cancellationToken);
        long started = Stopwatch.GetTimestamp();
        Task<TaskDescription> solving = task.AdaptAsync(_options, cancellationToken);
        TaskHandle seen = new AdaptClient(_onlooker.Grains).Source("generated").Task("clean");
        await SolveOfAsync(seen, cancellationToken);
        _pause = (await SolveWatch.LongestPauseAsync(seen, cancellationToken)).TotalSeconds;
        TaskDescription clean = await solving;
        _undisturbed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        _plan = clean.Posterior!.Solve!.Plan;
        _expected = await task.PredictAsync(s_probe, cancellationToken);
        return clean;
    }

    // Null: it ended before its moment came.
    private async Task<FaultRound?> RoundAsync(int number, CancellationToken cancellationToken)
    {
        string name = $"round {number} {Guid.NewGuid():N}";
        TaskHandle task = new AdaptClient(_caller.Grains).Source("generated").Task(name);
        TaskHandle seen = new AdaptClient(_onlooker.Grains).Source("generated").Task(name);
        await task.ObserveAsync(_rows, cancellationToken: cancellationToken);
        int victim = _random.Next(Silos);
        double moment = _random.NextDouble() * _undisturbed;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(_undisturbed) + s_patience);

        long started = Stopwatch.GetTimestamp();
        Task<TaskDescription> solving = RetriedAsync(() => task.AdaptAsync(_options, deadline.Token), deadline.Token);
        await Task.WhenAny(solving, Task.Delay(TimeSpan.FromSeconds(moment), cancellationToken));
        SolveDescription? solve = solving.IsCompleted ? null : await SolveOfAsync(seen, cancellationToken);
        bool hasCoordinator = solve is not null
            && await _cluster.SiloOfAsync(_onlooker.Grains, _onlooker.Grains.GetGrain<ISolveCoordinatorGrain>(solve.Key)) == victim;
        if (solve is null)
        {
            await solving;
            await task.DeleteAsync(cancellationToken);
            return null;
        }

        string log = await _cluster.KillAsync(victim);
        FaultRound round = await FollowAsync(task, seen, solving, started, hasCoordinator, deadline.Token);
        cancellationToken.ThrowIfCancellationRequested();
        await Console.Error.WriteLineAsync(
            $"round {number}: silo {victim}{(hasCoordinator ? ", the coordinator's" : string.Empty)}, at {moment:0.0} s ({solve.Progress.Stage} {solve.Iteration}): "
            + (round.Recovery is null ? $"LOST\n{log}\n{_cluster.Logs()}" : $"longest pause {round.Recovery:0.0} s, {round.Beyond:+0.0;-0.0} s in all, "
            + $"difference {round.Difference:0.0e0}{(round.HasSameBits ? ", same bits" : string.Empty)}"));
        await _cluster.StartAgainAsync(victim, cancellationToken);
        await RetriedAsync(
            async () =>
            {
                await task.DeleteAsync(cancellationToken);
                return true;
            },
            cancellationToken);
        return round;
    }

    private async Task<FaultRound> FollowAsync(
        TaskHandle task, TaskHandle seen, Task<TaskDescription> solving, long started, bool hasCoordinator, CancellationToken cancellationToken)
    {
        try
        {
            double recovery = (await SolveWatch.LongestPauseAsync(seen, cancellationToken)).TotalSeconds;
            SolveSummary summary = (await solving).Posterior!.Solve!;
            double beyond = Stopwatch.GetElapsedTime(started).TotalSeconds - _undisturbed;
            if (!summary.Plan.RowsPerShard.SequenceEqual(_plan!.RowsPerShard))
            {
                await Console.Error.WriteLineAsync(
                    $"the plan differs: {string.Join(' ', summary.Plan.RowsPerShard)} rows per shard instead of {string.Join(' ', _plan.RowsPerShard)}");
            }

            Prediction now = await RetriedAsync(() => task.PredictAsync(s_probe, cancellationToken), cancellationToken);
            return new FaultRound(hasCoordinator, recovery, beyond, Difference(now), HasSameBits(now));
        }
        catch (Exception error) when (error is AdaptException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return new FaultRound(hasCoordinator, null, double.NaN, double.NaN, false);
        }
    }

    private static async Task<SolveDescription?> SolveOfAsync(TaskHandle task, CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskDescription description = await RetriedAsync(() => task.DescribeAsync(cancellationToken), cancellationToken);
            if (description.Solve is not null || description.Status is TargetTaskStatus.Ready)
            {
                return description.Solve;
            }

            await Task.Delay(s_looking / 20, cancellationToken);
        }
    }

    // What a caller does: every call is idempotent, so one that was lost on its way is made again.
    private static async Task<T> RetriedAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception error) when (
                !cancellationToken.IsCancellationRequested && error is OrleansException or TimeoutException or AdaptException { IsRetryable: true })
            {
                await Task.Delay(s_looking / 4, cancellationToken);
            }
        }
    }

    private double Difference(Prediction now)
    {
        double largest = 0;
        for (int i = 0; i < s_probe.Count; i++)
        {
            double mean = Math.Abs(now.Mean.Values[i] - _expected!.Mean.Values[i]);
            double deviation = Math.Abs(Math.Sqrt(now.LatentVariance.Values[i]) - Math.Sqrt(_expected.LatentVariance.Values[i]));
            largest = Math.Max(largest, Math.Max(mean, deviation) / _deviations[i]);
        }

        return largest;
    }

    private bool HasSameBits(Prediction now) =>
        now.Mean.Values.AsSpan().SequenceEqual(_expected!.Mean.Values) && now.LatentVariance.Values.AsSpan().SequenceEqual(_expected.LatentVariance.Values);

    private ScenarioReport Report(List<FaultRound> rounds, TaskDescription clean)
    {
        FaultRound[] done = [.. rounds.Where(round => round.Recovery is not null)];
        double[] recoveries = [.. done.Select(round => round.Recovery!.Value).Order()];
        double[] beyond = [.. done.Select(round => round.Beyond).Order()];
        SolveSummary summary = clean.Posterior!.Solve!;
        return ScenarioReport.Of(
            "solve-faults",
            new Figure(
                "solve_fault_rounds",
                rounds.Count,
                "1",
                null,
                $"kill -9 of one of {Silos} silo processes at a random moment of a solve of {_undisturbed:0.0} s ({_rows.Count:N0} rows, {summary.Iterations} iterations, "
                + $"{summary.Plan.Name}); {rounds.Count(round => round.KilledCoordinator)} of them the coordinator's"),
            new Figure("solve_fault_lost", rounds.Count - done.Length, "1", 0, "solves that did not finish"),
            new Figure(
                "solve_recovery_median_s",
                Middle(recoveries),
                "s",
                _pause,
                "after the kill, the longest time in which the solve came no further; the floor is the same of the undisturbed solve"),
            new Figure("solve_recovery_worst_s", recoveries.LastOrDefault(double.NaN), "s", null, "must be under 15 s"),
            new Figure(
                "solve_fault_beyond_median_s", Middle(beyond), "s", null, "time of the whole solve, as its caller sees it, beyond the undisturbed one; other load of the machine is in it"),
            new Figure("solve_fault_beyond_worst_s", beyond.LastOrDefault(double.NaN), "s", null, "the same"),
            new Figure(
                "solve_fault_largest_difference",
                done.Length == 0 ? double.NaN : done.Max(round => round.Difference),
                "prior sd",
                0,
                $"mean and standard deviation of {s_probe.Count} predictions against the undisturbed solve's; {done.Count(round => round.HasSameBits)} of {done.Length} solves have the same bits"));
    }

    private static double Middle(double[] sorted) => sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
}
