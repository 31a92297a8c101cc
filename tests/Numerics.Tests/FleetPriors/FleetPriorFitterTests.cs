using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.FleetPriors;

public sealed class FleetPriorFitterTests
{
    private static readonly NetworkSpec Spec = NetworkSpec.Mlp(2, [8], 1, Activation.Tanh);
    private static readonly Prior Truth = new([0.3, 0.02, 0.1, 0.5], [0.05], PriorMean.Source);

    [Fact]
    public void Fit_TasksSampledFromAPrior_RecoversScalesAndNoise()
    {
        Case c = Cases.Build(Spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        using var evidence = new FleetEvidence(network, SampleFleet(network, tasks: 150, rows: 25, seed: 1), new FleetFitOptions());
        FleetFit fit = FleetPriorFitter.Fit(evidence, Spec, new FleetFitOptions(), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(FitStatus.Converged, fit.Status);

        // Noise: 150 x 25 residuals with about 8 of 25 degrees of freedom spent: sd of log sigma^2 is sqrt(2 / 2500) = 0.03; four of those.
        Assert.InRange(Math.Abs(Math.Log(fit.Prior.NoiseVariance[0] / Truth.NoiseVariance[0])), 0, 0.12);

        // A block's scale is seen through at least one direction per task, 150 squares: sd sqrt(2 / 150) = 0.12, more where blocks share directions; five of those.
        foreach (int block in new[] { 0, 2, 3 })
        {
            Assert.InRange(Math.Abs(Math.Log(fit.Prior.BlockScales[block] / Truth.BlockScales[block])), 0, 0.6);
        }

        Assert.True(fit.LogEvidencePerObservation > fit.InitialLogEvidencePerObservation);
        Assert.True(fit.LogEvidencePerObservation > fit.SourceLogEvidencePerObservation);
        Assert.True(fit.LogEvidencePerObservation * 150 * 25 >= evidence.Evaluate(Truth).Sum.LogEvidence);
        Assert.Equal(fit.SourceResidualVariance, fit.Prior.SourceResidualVariance);
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

    // Tasks whose parameters differ from the source's by a draw from the prior, in the linearised network: the model itself.
    private static List<TaskData> SampleFleet(SourceNetwork network, int tasks, int rows, int seed)
    {
        var random = new SeededRandom(seed, 7);
        var fleet = new List<TaskData>();
        for (int t = 0; t < tasks; t++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            RowMatrix x = Cases.Normal(random, rows, Spec.InputWidth);
            using JacobianFactors factors = network.Linearise(x);
            torch.Tensor d = torch.tensor(random.Normals(Spec.ParameterCount)) * Oracle.ParameterVariances(Spec, Truth.BlockScales).sqrt();
            torch.Tensor noise = torch.tensor(random.Normals(rows)) * Math.Sqrt(Truth.NoiseVariance[0]);
            torch.Tensor y = factors.Output + factors.Apply(d.view(-1, 1)) + noise.view(-1, 1);
            RowMatrix standardised = new(rows, 1, y.data<double>().ToArray());
            fleet.Add(new TaskData(x, network.Model.OutputStandardisation.Invert(standardised)));
        }

        return fleet;
    }

    /// <summary>Claims to rise in a direction in which it falls.</summary>
    private sealed class BrokenGradient : IFleetEvidence
    {
        public int TaskCount => 1;

        public FleetSummary Summary { get; } = new(10, 10, 10, [1, 1, 1, 1]);

        public ImmutableArray<ExcludedTask> Excluded => [];

        public FleetEvidenceValue Evaluate(Prior prior)
        {
            double value = -prior.BlockScales.Sum(Math.Log) - prior.NoiseVariance.Sum(Math.Log);
            ImmutableArray<double> identity = [.. Enumerable.Range(0, 25).Select(i => i % 6 == 0 ? 1.0 : 0)];
            return new FleetEvidenceValue(new EvidenceValue(value, new EvidenceGradient([1, 1, 1, 1], [1]), 10), identity, []);
        }

        public void Exclude(IReadOnlyList<ExcludedTask> tasks) => throw new InvalidOperationException("Nothing is left out.");
    }
}
