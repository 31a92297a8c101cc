using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;
using MathNet.Numerics.LinearAlgebra;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.FleetPriors;

public sealed class FleetPriorFitterTests
{
    private static readonly NetworkSpec Spec = NetworkSpec.Mlp(2, [8], 1, Activation.Tanh);
    private static readonly Prior Truth = new([0.3, 0.02, 0.1, 0.5], [0.05], PriorMean.Source);

    [Fact]
    public void Fit_FiveHundredTasksOfAPrior_RecoversScalesAndNoiseWithinThreeStandardErrors()
    {
        Case c = Cases.Build(Spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        Prior truth = Truth with { BlockScales = [0.3, 0.4, 0.1, 0.5] };
        using var evidence = new FleetEvidence(network, Fleets.Draw(network, truth, Enumerable.Repeat(25, 500), seed: 1), new FleetFitOptions());
        FleetFit fit = FleetPriorFitter.Fit(evidence, Spec, new FleetFitOptions(), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(FitStatus.Converged, fit.Status);
        Assert.Empty(fit.Excluded);
        FleetEvidenceValue at = evidence.Evaluate(fit.Prior);
        Matrix<double> covariance = Matrix<double>.Build.DenseOfRowMajor(5, 5, at.Information).Inverse();
        double[] expected = [.. truth.BlockScales, .. truth.NoiseVariance];
        double[] actual = [.. fit.Prior.BlockScales, .. fit.Prior.NoiseVariance];
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Sqrt(covariance[i, i]);
            Assert.InRange(error, 0, 0.5); // the data say something about it
            Assert.InRange(Math.Log(actual[i] / expected[i]) / error, -3, 3);
        }

        Assert.True(fit.LogEvidencePerObservation > fit.InitialLogEvidencePerObservation);
        Assert.True(fit.LogEvidencePerObservation > fit.SourceLogEvidencePerObservation);
        Assert.True(at.Sum.LogEvidence >= evidence.Evaluate(truth).Sum.LogEvidence);
        Assert.Equal(fit.SourceResidualVariance, fit.Prior.SourceResidualVariance);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Fit_ASampleGoesFirst_SameOptimumWithFewerEvaluationsOfAll(int rank)
    {
        Case c = Cases.Build(Spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        List<TaskData> tasks = Fleets.Draw(network, Truth, Enumerable.Repeat(12, 300), seed: 6);
        using var evidence = new FleetEvidence(network, tasks, new FleetFitOptions());
        var options = new FleetFitOptions { Rank = rank, MaxIterations = rank == 0 ? 100 : 6 };
        FleetFit all = FleetPriorFitter.Fit(evidence, Spec, options, cancellation: TestContext.Current.CancellationToken);
        var seen = new List<int>();
        FleetFit sampled = FleetPriorFitter.Fit(
            new Counted(evidence, seen), Spec, options with { MinibatchTasks = 60 }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal([60, 300], seen.Distinct().Order());
        if (rank == 0)
        {
            Assert.Equal(FitStatus.Converged, sampled.Status);
            Assert.Equal(all.LogEvidencePerObservation, sampled.LogEvidencePerObservation, 1e-6);
            Assert.InRange(seen.Count(count => count == 300), 1, all.Evaluations - 1);
        }

        // The tasks that were not in the sample are not left out.
        Assert.Empty(sampled.Excluded);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    public void Fit_MixedSizes_ReachesTheOptimumOfADenseReference(int outputs, int seed)
    {
        NetworkSpec spec = NetworkSpec.Mlp(2, [6], outputs, Activation.Tanh);
        Case c = Cases.Build(spec, seed, rows: 1, others: 1);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        var truth = new Prior(Truth.BlockScales, [.. Enumerable.Range(1, outputs).Select(o => 0.04 * o)], PriorMean.Source);
        List<TaskData> tasks = Fleets.Draw(network, truth, [2, 3, 5, 5, 5, 8, 13, 16, 17, 21, 30, 31], seed);
        var options = new FleetFitOptions();
        using var evidence = new FleetEvidence(network, tasks, options);
        FleetFit fit = FleetPriorFitter.Fit(evidence, spec, options, cancellation: TestContext.Current.CancellationToken);
        var dense = new DenseFleet(c.Model, tasks);
        double[] start = [.. new FleetObjective(evidence, spec, options, CancellationToken.None).Start];

        // Two ways to the same number, in fp64.
        Assert.Equal(dense.Value(fit.Prior), -fit.LogEvidencePerObservation, 1e-9);
        Assert.Equal(dense.Value(start), -fit.InitialLogEvidencePerObservation, 1e-9);
        Assert.Empty(fit.Excluded);
        double minimum = dense.Minimum(start);
        Assert.InRange(-fit.LogEvidencePerObservation, minimum - 1e-6, minimum + 1e-6);
    }

    [Fact]
    public void Evaluate_OnOneThreadOrMore_GivesTheSameBits()
    {
        Case c = Cases.Build(Spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        using var evidence = new FleetEvidence(network, SampleFleet(network, 40, 11, 2), new FleetFitOptions());
        int threads = torch.get_num_threads();
        try
        {
            torch.set_num_threads(1);
            FleetEvidenceValue one = evidence.Evaluate(Truth);
            torch.set_num_threads(4);
            Assert.Equal(one, evidence.Evaluate(Truth));
        }
        finally
        {
            torch.set_num_threads(threads);
        }
    }

    [Theory]
    [InlineData(1, OutputCoupling.Full, false)]
    [InlineData(3, OutputCoupling.Full, true)]
    [InlineData(3, OutputCoupling.Independent, true)]
    [InlineData(2, OutputCoupling.Independent, false)]
    public void Evaluate_SmallAndLargeTasks_AreComputedAlike(int outputs, OutputCoupling coupling, bool perOutput)
    {
        NetworkSpec spec = NetworkSpec.Mlp(2, [6], outputs, Activation.Tanh);
        Case c = Cases.Build(spec, 5, rows: 19, others: 1, perOutput);
        Prior prior = c.Prior with { Coupling = coupling, Mean = PriorMean.Source };
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        var options = new FleetFitOptions { Coupling = coupling };
        using var evidence = new FleetEvidence(network, [new TaskData(c.X, c.Y)], options);
        FleetEvidenceValue small = evidence.Evaluate(prior);
        using JacobianFactors factors = network.Linearise(c.X);
        var large = new TaskTerms(prior.BlockScales.Length + prior.NoiseVariance.Length);
        TaskInformation.AddTo(large, factors, Cases.Targets(c.Model, c.Y), prior, null);
        EvidenceValue expected = Evidence.Evaluate(factors, Cases.Targets(c.Model, c.Y), prior);

        // Condition numbers of C reach 1e5 here: 1e-16 times that, with two orders to spare.
        const double Close = 1e-9;
        double scale = Math.Max(1, Math.Abs(expected.LogEvidence));
        Assert.Equal(expected.LogEvidence, small.Sum.LogEvidence, Close * scale);
        Assert.Equal(expected.LogEvidence, large.LogEvidence, Close * scale);
        Assert.Equal(small.Tasks[0].Misfit, large.Misfit / large.Observations, Close * scale);
        AssertClose([.. expected.Gradient.LogBlockScales, .. expected.Gradient.LogNoiseVariance], large.Gradient);
        AssertClose([.. small.Sum.Gradient.LogBlockScales, .. small.Sum.Gradient.LogNoiseVariance], large.Gradient);
        AssertClose([.. small.Information], large.Information);

        static void AssertClose(double[] expected, double[] actual)
        {
            double scale = Math.Max(1, expected.Max(Math.Abs));
            Assert.Equal(expected.Length, actual.Length);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Close * scale));
        }
    }

    [Fact]
    public void Fit_SingleScale_IsNoBetterThanOneScalePerBlock()
    {
        Case c = Cases.Build(Spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        IReadOnlyList<TaskData> tasks = SampleFleet(network, tasks: 40, rows: 15, seed: 2);
        FleetFit single = FitWith(network, tasks, new FleetFitOptions { Scales = FleetScales.Single });
        FleetFit block = FitWith(network, tasks, new FleetFitOptions());
        Assert.Single(single.Prior.BlockScales.Distinct());
        Assert.True(block.LogEvidencePerObservation > single.LogEvidencePerObservation);
    }

    [Fact]
    public void Fit_WithoutRoomForFactors_GivesTheSameBits()
    {
        Case c = Cases.Build(Spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        IReadOnlyList<TaskData> tasks = SampleFleet(network, tasks: 6, rows: 15, seed: 2);
        var options = new FleetFitOptions { MaxRowsPerTask = 10, MaxIterations = 5 };
        FleetFit kept = FitWith(network, tasks, options);
        FleetFit again = FitWith(network, tasks, options with { FactorCacheBytes = 0 });
        Assert.Equal(kept, again);
    }

    [Fact]
    public void Fit_OneIteration_ReturnsTheBestPointWithAStatus()
    {
        Case c = Cases.Build(Spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        FleetFit fit = FitWith(network, SampleFleet(network, 10, 15, 2), new FleetFitOptions { MaxIterations = 1 });
        Assert.Equal(FitStatus.IterationLimit, fit.Status);
        Assert.True(fit.LogEvidencePerObservation >= fit.InitialLogEvidencePerObservation);
    }

    [Fact]
    public void Fit_EvidenceWithABrokenGradient_ReturnsTheBestPointAsStalled()
    {
        FleetFit fit = FleetPriorFitter.Fit(new BrokenGradient(), Spec, new FleetFitOptions(), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(FitStatus.LineSearchStalled, fit.Status);
        Assert.True(fit.LogEvidencePerObservation >= fit.InitialLogEvidencePerObservation);
    }

    [Fact]
    public void Fit_WhenDisposed_LeavesNoTensorBehind()
    {
        Case c = Cases.Build(Spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        List<TaskData> tasks = SampleFleet(network, 4, 8, 2);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        FitWith(network, tasks, new FleetFitOptions { MaxIterations = 3 });
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Fit_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => FleetPriorFitter.Fit(new BrokenGradient(), Spec, new FleetFitOptions(), null, source.Token));
    }

    [Fact]
    public void FleetEvidence_NoTasksOrWrongWidth_IsRefused()
    {
        Case c = Cases.Build(Spec, seed: 3, rows: 4, others: 1);
        using SourceNetwork network = Cases.Network(c);
        Assert.Throws<ArgumentException>(() => new FleetEvidence(network, [], new FleetFitOptions()));
        var wide = new TaskData(c.X, new RowMatrix(4, 2, new double[8]));
        Assert.Throws<ArgumentException>(() => new FleetEvidence(network, [wide], new FleetFitOptions()));
        Assert.Throws<ArgumentException>(() => new FleetEvidence(network, [new TaskData(c.X, c.Y)], new FleetFitOptions { MaxRowsPerTask = 0 }));
    }

    private static FleetFit FitWith(SourceNetwork network, IReadOnlyList<TaskData> tasks, FleetFitOptions options)
    {
        using var evidence = new FleetEvidence(network, tasks, options);
        return FleetPriorFitter.Fit(evidence, Spec, options, cancellation: TestContext.Current.CancellationToken);
    }

    private static List<TaskData> SampleFleet(SourceNetwork network, int tasks, int rows, int seed) =>
        Fleets.Draw(network, Truth, Enumerable.Repeat(rows, tasks), seed);

    /// <summary>Claims to rise in a direction in which it falls.</summary>
    private sealed class BrokenGradient : IFleetEvidence
    {
        public int TaskCount => 1;

        public FleetSummary Summary { get; } = new(10, 10, 10, [1, 1, 1, 1]);

        public ImmutableArray<ExcludedTask> Excluded => [];

        public FleetEvidenceValue Evaluate(Prior prior, IReadOnlySet<int>? heldOut = null)
        {
            double value = -prior.BlockScales.Sum(Math.Log) - prior.NoiseVariance.Sum(Math.Log);
            ImmutableArray<double> identity = [.. Enumerable.Range(0, 25).Select(i => i % 6 == 0 ? 1.0 : 0)];
            return new FleetEvidenceValue(new EvidenceValue(value, new EvidenceGradient([1, 1, 1, 1], [1]), 10), identity, []);
        }

        public void Exclude(IReadOnlyList<ExcludedTask> tasks) => throw new InvalidOperationException("Nothing is left out.");
    }

    /// <summary>Notes of how many tasks each evaluation was.</summary>
    private sealed class Counted(IFleetEvidence inner, List<int> seen) : IFleetEvidence
    {
        public int TaskCount => inner.TaskCount;

        public FleetSummary Summary => inner.Summary;

        public ImmutableArray<ExcludedTask> Excluded => inner.Excluded;

        public IFleetEvidence Without(IReadOnlySet<int> tasks) => new Counted(inner.Without(tasks)!, seen);

        public FleetEvidenceValue Evaluate(Prior prior, IReadOnlySet<int>? heldOut = null)
        {
            FleetEvidenceValue value = inner.Evaluate(prior, heldOut);
            seen.Add(value.Tasks.Length);
            return value;
        }

        public void Exclude(IReadOnlyList<ExcludedTask> tasks) => inner.Exclude(tasks);
    }
}
