using AdaptCluster.Numerics.Planning;
using AdaptCluster.Numerics.Solves;
using TorchSharp;

namespace AdaptCluster.Bench.Solves;

/// <summary>All flights as one task, with factors kept and recomputed, and how the time of an iteration grows with the rows.</summary>
internal static class LargeTask
{
    public static IEnumerable<Figure> Measure(FlightsTask flights, int rows)
    {
        double gemm = Gemm.Measure(torch.ScalarType.Float32);
        torch.set_num_threads(Environment.ProcessorCount);
        (double LogRows, double LogSeconds)[] points =
        [
            .. new[] { rows / 100, rows / 30, rows / 10, rows / 3 }.Select(n => (Math.Log(n), Math.Log(Solve(flights, n, keeps: true, out _).IterationSeconds))),
        ];
        TimedSolve recomputed = Solve(flights, rows, keeps: false, out double recomputedPeak);
        TimedSolve kept = Solve(flights, rows, keeps: true, out double keptPeak);

        // The smallest may have no step with one column: the probe runs along to the end.
        double slope = Slope([.. points.Append((Math.Log(rows), Math.Log(kept.IterationSeconds))).Where(point => double.IsFinite(point.Item2))]);
        gemm = (gemm + Gemm.Measure(torch.ScalarType.Float32)) / 2;
        SolvePlan plan = PlanOf(flights, rows, keeps: true);
        double floor = Flops(flights, plan, kept.Result.Statistics.Iterations) / (gemm * 1e9);
        string task = $"{rows:N0} flights as one task of a 13-64-64-1 network (5,121 parameters) with its fleet prior";
        yield return new Figure("large_iterations", kept.Result.Statistics.Iterations, "1", null, $"{task}: {kept.Result.Statistics.Describe()}");
        yield return new Figure("large_relative_residual", kept.Result.Statistics.RelativeResidual, "1", null, "recomputed with fp64 products on the fp32 factors");
        yield return new Figure("large_seconds", kept.Seconds, "s", floor, "factors kept: linearise, preconditioner, iterations, residual, variance root, 2,048 scored rows");
        yield return new Figure(
            "large_over_flop_floor",
            kept.Seconds / floor,
            "1",
            1,
            $"floor: linearisation, half of the sampled Gram matrix ({plan.PreconditionerSize:N0} rows), its Cholesky, 4 n p per iteration, at this run's {gemm:0} GFLOP/s");
        yield return new Figure("large_iteration_seconds", kept.IterationSeconds, "s", 4.0 * rows * flights.Model.Spec.ParameterCount / (gemm * 1e9), "median step with one column; floor 4 n p flops");
        yield return new Figure("large_seconds_recomputed", recomputed.Seconds, "s", null, "factors formed again in every product");
        yield return new Figure("large_peak_gb_cached", keptPeak, "GB", null, "peak resident memory of the process, the rows themselves and all else in it included");
        yield return new Figure("large_peak_gb_recomputed", recomputedPeak, "GB", null, "the same with factors recomputed");
        yield return new Figure("iteration_time_slope", slope, "1", 1, $"of log time over log rows, {rows / 100:N0} to {rows:N0} rows");
    }

    private static TimedSolve Solve(FlightsTask flights, int rows, bool keeps, out double peak)
    {
        SolvePlan plan = PlanOf(flights, rows, keeps);
        PeakMemory.Reset();
        TimedSolve solve = TimedSolve.Run(flights.Model, flights.Rows(rows), flights.Prior, plan);
        peak = PeakMemory.Read();
        return solve;
    }

    private static SolvePlan PlanOf(FlightsTask flights, int rows, bool keeps)
    {
        var device = new PlanDevice("here", 1.5e11, 8e10, 16L << 30, 16L << 30);
        var options = new PlanOptions { Layout = SolveLayout.ParameterSpace, Shards = 1, KeepsFactors = keeps };
        return SolvePlanner.Plan(flights.Model.Spec, flights.Prior, rows, [device], options).Chosen.Plan!;
    }

    private static double Flops(FlightsTask flights, SolvePlan plan, int iterations)
    {
        double n = plan.Rows;
        double p = flights.Model.Spec.ParameterCount;
        return (6 * n * p) + (plan.PreconditionerSize * p * p) + (p * p * p / 3) + (4 * n * p * iterations);
    }

    private static double Slope((double X, double Y)[] points)
    {
        double x = points.Average(p => p.X);
        double y = points.Average(p => p.Y);
        return points.Sum(p => (p.X - x) * (p.Y - y)) / points.Sum(p => (p.X - x) * (p.X - x));
    }
}
