using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;

namespace AdaptCluster.Numerics.Tests.FleetPriors;

public sealed class FleetScreenTests
{
    private static readonly NetworkSpec Spec = NetworkSpec.Mlp(2, [8], 1, Activation.Tanh);
    private static readonly Prior Truth = new([0.3, 0.02, 0.1, 0.5], [0.05], PriorMean.Source);

    public static TheoryData<string, string> Spoilers => new()
    {
        { "overflow", "the network's output for its row 2 is not finite" },
        { "one row", "it has one row, which cannot tell a difference from noise" },
        { "identical rows", "its 12 rows are all the same: one row, said again, looks like a world without noise" },
        { "scale", "its mean squared residual is * times the fleet's median (more than 1E+04)" },
        { "thirtyfold", "under the fitted prior its squared residual is * times the median task's (more than 100)" },
    };

    [Theory]
    [MemberData(nameof(Spoilers))]
    public void Fit_WithATaskThatCouldSpoilIt_NamesItAndLearnsWhatTheOthersSay(string what, string reason)
    {
        Case c = Cases.Build(Spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        List<TaskData> good = Fleets.Draw(network, Truth, Enumerable.Repeat(12, 40), seed: 4);
        FleetFit expected = Fit(network, good);
        FleetFit fit = Fit(network, [.. good[..7], Spoil(what, good[7], network), .. good[7..]]);

        ExcludedTask excluded = Assert.Single(fit.Excluded);
        Assert.Equal(7, excluded.Task);
        string[] parts = reason.Split('*');
        Assert.StartsWith(parts[0], excluded.Reason, StringComparison.Ordinal);
        Assert.EndsWith(parts[^1], excluded.Reason, StringComparison.Ordinal);
        Assert.Empty(expected.Excluded);
        Assert.Equal(FitStatus.Converged, fit.Status);

        // Both end where no derivative is above 1e-6; curvatures are about 0.1 and, for what the data say little about, 0.001.
        Assert.Equal(expected.LogEvidencePerObservation, fit.LogEvidencePerObservation, 1e-8);
        Assert.All(expected.Prior.BlockScales.Zip(fit.Prior.BlockScales), pair => Assert.Equal(1, pair.First / pair.Second, 1e-2));
        Assert.Equal(1, expected.Prior.NoiseVariance[0] / fit.Prior.NoiseVariance[0], 1e-4);
        Assert.Equal(1, expected.SourceResidualVariance / fit.SourceResidualVariance, 1e-9);
    }

    [Fact]
    public void Fit_EveryTaskHasOneRow_TakesThemAll()
    {
        Case c = Cases.Build(Spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        FleetFit fit = Fit(network, Fleets.Draw(network, Truth, Enumerable.Repeat(1, 30), seed: 4));
        Assert.Empty(fit.Excluded);
        Assert.True(double.IsFinite(fit.LogEvidencePerObservation));
    }

    [Fact]
    public void FleetEvidence_NoTaskCanTakePart_SaysWhy()
    {
        Case c = Cases.Build(Spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        TaskData same = Spoil("identical rows", Fleets.Draw(network, Truth, [12], seed: 4)[0], network);
        ArgumentException error = Assert.Throws<ArgumentException>(() => new FleetEvidence(network, [same], new FleetFitOptions()));
        Assert.Equal("No task of the fleet can take part; of task 0: its 12 rows are all the same: one row, said again, looks like a world without noise.", error.Message);
    }

    [Fact]
    public void Fit_ATaskWithoutEvidence_IsLeftOut()
    {
        var evidence = new WithoutEvidence();
        FleetFit fit = FleetPriorFitter.Fit(evidence, Spec, new FleetFitOptions(), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal([new ExcludedTask(1, "its evidence is not a number: its covariance cannot be factorised")], fit.Excluded);
        Assert.Equal(FitStatus.Converged, fit.Status);
    }

    private static FleetFit Fit(SourceNetwork network, IReadOnlyList<TaskData> tasks)
    {
        var options = new FleetFitOptions();
        using var evidence = new FleetEvidence(network, tasks, options);
        return FleetPriorFitter.Fit(evidence, Spec, options, cancellation: TestContext.Current.CancellationToken);
    }

    private static TaskData Spoil(string what, TaskData task, SourceNetwork network)
    {
        RowMatrix output = network.Evaluate(task.Inputs);
        return what switch
        {
            "overflow" => new TaskData(new RowMatrix(12, 2, [.. task.Inputs.Values.Select((v, i) => i / 2 == 2 ? 1.7e308 : v)]), task.Targets),
            "one row" => task.Slice(0, 1),
            "identical rows" => task.SelectRows([.. Enumerable.Repeat(3, 12)]),
            "scale" => Away(1e4),
            _ => Away(30),
        };

        TaskData Away(double factor) => new(
            task.Inputs, new RowMatrix(task.Rows, 1, [.. task.Targets.Values.Select((y, i) => output.Values[i] + (factor * (y - output.Values[i])))]));
    }

    /// <summary>Two tasks with a quadratic evidence, the second not a number until it is left out.</summary>
    private sealed class WithoutEvidence : IFleetEvidence
    {
        public int TaskCount => 2;

        public FleetSummary Summary { get; } = new(10, 10, 10, [1, 1, 1, 1]);

        public ImmutableArray<ExcludedTask> Excluded { get; private set; } = [];

        public FleetEvidenceValue Evaluate(Prior prior, IReadOnlySet<int>? heldOut = null)
        {
            double[] x = [.. prior.BlockScales.Concat(prior.NoiseVariance).Select(v => Math.Log(v))];
            double value = -0.5 * x.Sum(v => v * v);
            ImmutableArray<double> identity = [.. Enumerable.Range(0, 25).Select(i => i % 6 == 0 ? 1.0 : 0)];
            double second = Excluded.IsEmpty ? double.NaN : 0;
            TaskScore[] scores = Excluded.IsEmpty ? [new(0, 10, value, 1), new(1, 10, second, 1)] : [new(0, 10, value, 1)];
            return new FleetEvidenceValue(
                new EvidenceValue(value + second, new EvidenceGradient([.. x[..4].Select(v => -v)], [-x[4]]), 10), identity, [.. scores]);
        }

        public void Exclude(IReadOnlyList<ExcludedTask> tasks) => Excluded = [.. tasks];
    }
}
