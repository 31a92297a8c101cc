using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Panels;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Solves;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Solves;

/// <summary>Many masked targets in one block solve against the direct posterior of each of them alone.</summary>
public sealed class PanelSolveTests
{
    private const int Targets = 12;

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(2, 3, false)]
    public void RunPanel_MaskedTargets_EqualTheirOwnPosteriors(int seed, int shards, bool keeps)
    {
        Case c = SolveCases.Build(seed, rows: 160);
        (PanelTargets targets, TaskData[] alone) = Masked(c, seed);
        SolvePlan plan = SolveCases.Plan(c, SolveLayout.KernelRows, shards) with { KeepsFactors = keeps };

        PanelResult result = LocalSolve.RunPanel(c.Model, torch.CPU, c.X, targets, c.Prior, plan, TestContext.Current.CancellationToken);

        Assert.Equal(SolveStatus.Converged, result.Statistics.Status);
        Assert.All(result.Converged, Assert.True);
        using SourceNetwork network = Cases.Network(c);
        using PanelPosterior posterior = PanelPosterior.Restore(network, c.Prior, targets, result.Solution);
        for (int t = 0; t < Targets; t++)
        {
            Prior own = PriorOf(c.Prior, targets, t);
            using TaskPosterior exact = TaskPosterior.Fit(network, alone[t], own, PosteriorSpace.Function);
            Prediction expected = exact.Predict(c.Other);
            Prediction actual = posterior.Predict(t, c.Other);
            double unit = c.Model.OutputStandardisation.Scale.Max();
            for (int i = 0; i < expected.Mean.Values.Length; i++)
            {
                // The mean within 1e-5 of a scale of 1 in standardised units; the variance never below (to rounding), above by at most 3% of it and 1% of the noise.
                Assert.Equal(expected.Mean.Values[i], actual.Mean.Values[i], 1e-5 * unit);
                double exactVariance = expected.LatentVariance.Values[i];
                Assert.InRange(
                    actual.LatentVariance.Values[i], exactVariance - (1e-8 * unit * unit), (1.03 * exactVariance) + (0.01 * expected.NoiseVariance.Values[i]));
                Assert.Equal(expected.NoiseVariance.Values[i], actual.NoiseVariance.Values[i], 1e-12 * unit * unit);
            }

            // Half a percent of a nat per observation is what the factor's remainder may add.
            Assert.Equal(exact.Report.LogEvidence, result.Solution.LogEvidences[t], 0.006 * exact.Report.Observations);
        }
    }

    [Fact]
    public void RunPanel_OneTargetUnsolvable_TheOthersAreGoodAndItIsSaid()
    {
        Case c = SolveCases.Build(5, rows: 120, outputs: 1);
        (PanelTargets targets, _) = Masked(c, 5);
        double[] noises = [.. targets.NoiseScales];
        noises[3] = 1e-12;
        var hard = new PanelTargets(targets.Values, targets.Observed, [.. noises], targets.PriorScales);
        SolvePlan plan = SolveCases.Plan(c, SolveLayout.KernelRows, 2) with { PreconditionerSize = 4, MaxIterations = 40, CertifiesInDouble = false };

        PanelResult result = LocalSolve.RunPanel(c.Model, torch.CPU, c.X, hard, c.Prior, plan, TestContext.Current.CancellationToken);

        Assert.NotEqual(SolveStatus.Converged, result.Statistics.Status);
        Assert.False(result.Converged[3]);
        Assert.True(result.RelativeResiduals[3] > plan.Tolerance);
        Assert.All(result.Solution.Alphas.Values, value => Assert.True(double.IsFinite(value)));
    }

    /// <summary>Two thirds of the rows each, noise and prior scales of their own.</summary>
    private static (PanelTargets Targets, TaskData[] Alone) Masked(Case c, int seed)
    {
        var random = new SeededRandom(seed, 3);
        int n = c.X.Rows;
        int outputs = c.Y.Columns;
        var values = new double[n * Targets * outputs];
        var observed = new bool[n * Targets];
        for (int i = 0; i < n * Targets; i++)
        {
            observed[i] = random.NextDouble() < 0.66;
            for (int o = 0; o < outputs; o++)
            {
                values[(i * outputs) + o] = c.Y[i / Targets, o] + (0.3 * random.NextNormal());
            }
        }

        var targets = new PanelTargets(
            new RowMatrix(n, Targets * outputs, values),
            observed,
            [.. Enumerable.Range(0, Targets).Select(_ => Math.Exp(0.5 * random.NextNormal()))],
            [.. Enumerable.Range(0, Targets).Select(_ => Math.Exp(0.5 * random.NextNormal()))]);
        TaskData[] alone = [.. Enumerable.Range(0, Targets).Select(t => Alone(c, targets, t))];
        return (targets, alone);
    }

    private static TaskData Alone(Case c, PanelTargets targets, int t)
    {
        int[] rows = [.. Enumerable.Range(0, targets.Rows).Where(i => targets.Observed[(i * targets.Count) + t])];
        double[] y = [.. rows.SelectMany(i => targets.Values.Row(i).Slice(t * targets.Outputs, targets.Outputs).ToArray())];
        return new TaskData(c.X.SelectRows(rows), new RowMatrix(rows.Length, targets.Outputs, y));
    }

    private static Prior PriorOf(Prior prior, PanelTargets targets, int t) => prior with
    {
        BlockScales = [.. prior.BlockScales.Select(s => s * targets.PriorScales[t])],
        NoiseVariance = [.. prior.NoiseVariance.Select(v => v * targets.NoiseScales[t])],
    };
}
