using System.Diagnostics;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Panels;
using AdaptCluster.Numerics.Planning;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solves;
using TorchSharp;

namespace AdaptCluster.Bench.Solves;

/// <summary>A thousand masked targets of 4,096 shared inputs: in one block, and one by one.</summary>
internal static class PanelTask
{
    private const int Alone = 8;

    public static IEnumerable<Figure> Measure(int inputs = 4_096, int targets = 1_000)
    {
        SourceModel model = GeneratedTasks.Model(16, 64, 64);
        Prior prior = Prior.Uniform(model.Spec, 0.01, 0.05) with { SourceResidualVariance = 1 };
        RowMatrix shared = GeneratedTasks.Inputs(inputs, 16, seed: 5);
        PanelTargets drawn = Draw(model, prior, shared, targets);
        torch.set_num_threads(Environment.ProcessorCount);
        var device = new PlanDevice("here", 1.5e11, 8e10, 12L << 30, 12L << 30);
        var options = new PlanOptions { Layout = SolveLayout.KernelRows, Shards = 1, KeepsFactors = true };
        SolvePlan plan = SolvePlanner.Plan(model.Spec, prior, inputs, [device], options).Chosen.Plan!;
        long started = Stopwatch.GetTimestamp();
        PanelResult block = LocalSolve.RunPanel(model, torch.CPU, shared, drawn, prior, plan);
        double blockSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        (double alone, double difference) = OneByOne(model, prior, shared, drawn, block);
        yield return new Figure(
            "panel_speedup",
            alone * targets / blockSeconds,
            "1",
            null,
            $"{targets:N0} targets, each with its half of {inputs:N0} inputs: {blockSeconds:0.0} s in one block ({block.Statistics.Describe()}); one by one {alone:0.00} s each, "
            + $"as the planner would ({Alone} of them measured)");
        yield return new Figure("panel_seconds", blockSeconds, "s", null, $"{block.Converged.Count(c => c):N0} of {targets:N0} targets converged");
        yield return new Figure("panel_largest_difference", difference, "1", null, "of a predicted mean from that of the target alone, in its standard deviations (exact, latent)");
    }

    private static (double Seconds, double Difference) OneByOne(SourceModel model, Prior prior, RowMatrix inputs, PanelTargets targets, PanelResult block)
    {
        using var network = new SourceNetwork(model, torch.CPU);
        using PanelPosterior panel = PanelPosterior.Restore(network, prior, targets, block.Solution);
        RowMatrix at = GeneratedTasks.Inputs(64, 16, seed: 6);
        var seconds = new List<double>();
        double difference = 0;
        for (int t = 0; t < Alone; t++)
        {
            int[] rows = [.. Enumerable.Range(0, targets.Rows).Where(i => targets.Observed[(i * targets.Count) + t])];
            var data = new TaskData(inputs.SelectRows(rows), new RowMatrix(rows.Length, 1, [.. rows.Select(i => targets.Values[i, t])]));
            long started = Stopwatch.GetTimestamp();
            using TaskPosterior posterior = TaskPosterior.Fit(network, data, prior);
            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            Prediction expected = posterior.Predict(at);
            Prediction actual = panel.Predict(t, at);
            for (int i = 0; i < at.Rows; i++)
            {
                difference = Math.Max(difference, Math.Abs(expected.Mean.Values[i] - actual.Mean.Values[i]) / Math.Sqrt(expected.LatentVariance.Values[i]));
            }
        }

        seconds.Sort();
        return (seconds[Alone / 2], difference);
    }

    // Functions of the prior itself, with its noise: m + J d for a random d each.
    private static PanelTargets Draw(SourceModel model, Prior prior, RowMatrix inputs, int targets)
    {
        var random = new Random(7);
        using DisposeScope scope = torch.NewDisposeScope();
        using var network = new SourceNetwork(model, torch.CPU);
        using Numerics.Jacobians.JacobianFactors factors = network.Linearise(inputs);
        torch.random.manual_seed(7);
        torch.Tensor draws = torch.randn(model.Spec.ParameterCount, targets, dtype: torch.ScalarType.Float64) * Math.Sqrt(prior.BlockScales[0]);
        torch.Tensor noise = torch.randn(inputs.Rows, targets, dtype: torch.ScalarType.Float64) * Math.Sqrt(prior.NoiseVariance[0]);
        double[] values = (factors.Apply(draws) + factors.Output + noise).data<double>().ToArray();
        return new PanelTargets(new RowMatrix(inputs.Rows, targets, values), [.. Enumerable.Range(0, inputs.Rows * targets).Select(_ => random.Next(2) == 0)]);
    }
}
