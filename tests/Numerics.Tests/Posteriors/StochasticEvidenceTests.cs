using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Posteriors;

public sealed class StochasticEvidenceTests
{
    public StochasticEvidenceTests() => TorchRuntime.UseThreadsFor(flops: 0, most: 1);

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(200)]
    public void Evaluate_GeneratedTasks_IsTheEvidenceWithinItsStandardErrors(int rank)
    {
        // The same tasks in every run: of drawn ones some pass any number of standard errors. Few probes of few observations are skewed, so there are many.
        var random = new SeededRandom(5);
        for (int i = 0; i < 20; i++)
        {
            NetworkSpec spec = NetworkSpec.Mlp(1 + random.NextInt(4), [1 + random.NextInt(7), 1 + random.NextInt(5)], 1 + random.NextInt(3), (Activation)random.NextInt(4));
            Case c = Cases.Build(spec, random.NextInt(1_000_000), rows: 1 + random.NextInt(40), others: 1, perOutput: random.NextInt(2) == 0);
            Check(Frozen(c, random.NextInt(2) == 0), torch.ScalarType.Float64, new StochasticEvidenceOptions { Probes = 600, PreconditionerRank = rank, RelativeTolerance = 1e-8, Seed = i });
        }
    }

    [Fact]
    public void Evaluate_InSinglePrecision_IsTheEvidenceWithinItsStandardErrors()
    {
        for (int outputs = 1; outputs <= 3; outputs++)
        {
            Case c = Cases.Build(NetworkSpec.Mlp(3, [8, 6], outputs, Activation.Tanh), seed: 3 + outputs, rows: 60, others: 1, perOutput: true);
            Check(c, torch.ScalarType.Float32, new StochasticEvidenceOptions { Probes = 64, PreconditionerRank = 10, RelativeTolerance = 1e-5 });
        }
    }

    [Fact]
    public void Evaluate_IndependentOutputs_IsTheirSum()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [8, 6], 3, Activation.Tanh), seed: 12, rows: 30, others: 1, perOutput: true);
        foreach (Prior prior in new[] { c.Prior, c.Prior with { NoiseVariance = [0.2] } })
        {
            Check(c with { Prior = prior with { Coupling = OutputCoupling.Independent } }, torch.ScalarType.Float64, new StochasticEvidenceOptions { Probes = 64, PreconditionerRank = 5 });
        }
    }

    [Fact]
    public void Evaluate_ManyProbes_IsUnbiased()
    {
        // 4,000 probes: the standard errors are an eighth of those of 64, and so is what a bias could hide behind.
        Case c = Cases.Build(NetworkSpec.Mlp(3, [8, 6], 2, Activation.Tanh), seed: 21, rows: 40, others: 1, perOutput: true);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors train = network.Linearise(c.X);
        torch.Tensor y = Cases.Targets(c.Model, c.Y);
        EvidenceValue expected = Evidence.Evaluate(train, y, c.Prior);
        StochasticEvidenceValue estimate = StochasticEvidence.Evaluate(
            train, y, c.Prior, new StochasticEvidenceOptions { Probes = 4_000, PreconditionerRank = 6, RelativeTolerance = 1e-9 });
        Assert.Equal(SolveStatus.Converged, estimate.Status);
        Assert.InRange(estimate.LogEvidenceError, 1e-6, 0.2);
        Assert.Equal(expected.LogEvidence, estimate.Value.LogEvidence, 3.5 * estimate.LogEvidenceError);
        AssertGradient(expected.Gradient, estimate.Value.Gradient, estimate.GradientErrors, errors: 3.5);
    }

    [Fact]
    public void Evaluate_NoiseScales_AreThoseOfEvidence()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(2, [5], 2, Activation.SiLU), seed: 31, rows: 6, others: 1);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors train = network.Linearise(c.X);
        torch.Tensor y = Cases.Targets(c.Model, c.Y);
        double[] scale = [1, 3, 0.5, 2, 10, 0.1];
        EvidenceValue expected = Evidence.Evaluate(train, y, c.Prior, scale);
        StochasticEvidenceValue estimate = StochasticEvidence.Evaluate(train, y, c.Prior, new StochasticEvidenceOptions { Probes = 200 }, scale);
        Assert.Equal(expected.LogEvidence, estimate.Value.LogEvidence, (4 * estimate.LogEvidenceError) + 1e-6);
        AssertGradient(expected.Gradient, estimate.Value.Gradient, estimate.GradientErrors, errors: 4);
    }

    [Fact]
    public void Evaluate_AllScalesZero_IsTheNoiseAlone()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(2, [5], 1, Activation.SiLU), seed: 32, rows: 9, others: 1);
        Check(c with { Prior = c.Prior with { BlockScales = [.. c.Prior.BlockScales.Select(_ => 0.0)] } }, torch.ScalarType.Float64, new StochasticEvidenceOptions());
    }

    [Fact]
    public void Evaluate_TwiceWithOneSeed_HasTheSameBitsAndAnotherSeedOthers()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [8, 6], 2, Activation.Tanh), seed: 22, rows: 20, others: 1);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors train = network.Linearise(c.X);
        torch.Tensor y = Cases.Targets(c.Model, c.Y);
        var options = new StochasticEvidenceOptions { PreconditionerRank = 4 };
        StochasticEvidenceValue first = StochasticEvidence.Evaluate(train, y, c.Prior, options);
        Assert.Equal(first, StochasticEvidence.Evaluate(train, y, c.Prior, options));
        Assert.NotEqual(first.Value.LogEvidence, StochasticEvidence.Evaluate(train, y, c.Prior, options with { Seed = 1 }).Value.LogEvidence);
    }

    [Fact]
    public void Evaluate_TooFewIterations_SaysSo()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [8, 6], 1, Activation.Tanh), seed: 23, rows: 50, others: 1);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors train = network.Linearise(c.X);
        torch.Tensor y = Cases.Targets(c.Model, c.Y);
        var options = new StochasticEvidenceOptions { PreconditionerRank = 0, MaxIterations = 3 };
        StochasticEvidenceValue estimate = StochasticEvidence.Evaluate(train, y, c.Prior, options);
        Assert.Equal(SolveStatus.IterationLimit, estimate.Status);
        Assert.Equal(3, estimate.Iterations);
        Assert.InRange(estimate.RelativeResidual, options.RelativeTolerance, double.MaxValue);
    }

    [Fact]
    public void Evaluate_ToleranceBelowSinglePrecision_IsNotCalledConverged()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [8, 6], 1, Activation.Tanh), seed: 24, rows: 60, others: 1);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c, torch.ScalarType.Float32);
        using JacobianFactors train = network.Linearise(c.X);
        StochasticEvidenceValue estimate = StochasticEvidence.Evaluate(
            train, Cases.Targets(c.Model, c.Y), c.Prior with { NoiseVariance = [1e-4] }, new StochasticEvidenceOptions { RelativeTolerance = 1e-12, PreconditionerRank = 0 });
        Assert.NotEqual(SolveStatus.Converged, estimate.Status);
        Assert.True(double.IsFinite(estimate.Value.LogEvidence));
    }

    [Fact]
    public void Evaluate_WrongArguments_AreRefusedInManagedCode()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [6], 1, Activation.Tanh), 6, 5, 4);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors train = network.Linearise(c.X);
        torch.Tensor y = Cases.Targets(c.Model, c.Y);
        Assert.Throws<ArgumentException>(() => StochasticEvidence.Evaluate(train, y.narrow(0, 0, 4), c.Prior));
        Assert.Throws<ArgumentException>(() => StochasticEvidence.Evaluate(train, y * double.NaN, c.Prior));
        Assert.Throws<ArgumentException>(() => StochasticEvidence.Evaluate(train, y, c.Prior, noiseScale: [1, 1]));
        foreach ((StochasticEvidenceOptions options, string name) in new[]
        {
            (new StochasticEvidenceOptions { Probes = 1 }, nameof(StochasticEvidenceOptions.Probes)),
            (new StochasticEvidenceOptions { RelativeTolerance = 0 }, nameof(StochasticEvidenceOptions.RelativeTolerance)),
            (new StochasticEvidenceOptions { MaxIterations = 0 }, nameof(StochasticEvidenceOptions.MaxIterations)),
            (new StochasticEvidenceOptions { PreconditionerRank = -1 }, nameof(StochasticEvidenceOptions.PreconditionerRank)),
        })
        {
            Assert.Contains(name, Assert.Throws<ArgumentException>(() => StochasticEvidence.Evaluate(train, y, c.Prior, options)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Evaluate_Always_LeavesNoTensorBehind()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [6], 2, Activation.Tanh), 6, 5, 4);
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors train = network.Linearise(c.X);
        using torch.Tensor y = Cases.Targets(c.Model, c.Y);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        StochasticEvidence.Evaluate(train, y, c.Prior);
        StochasticEvidence.Evaluate(train, y, c.Prior with { Coupling = OutputCoupling.Independent });
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Case Frozen(Case c, bool frozen) => frozen ? c with { Prior = c.Prior with { BlockScales = c.Prior.BlockScales.SetItem(0, 0) } } : c;

    private static void Check(Case c, torch.ScalarType dtype, StochasticEvidenceOptions options)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork exact = Cases.Network(c);
        using JacobianFactors exactTrain = exact.Linearise(c.X);
        using SourceNetwork network = Cases.Network(c, dtype);
        using JacobianFactors train = network.Linearise(c.X);
        torch.Tensor y = Cases.Targets(c.Model, c.Y);
        EvidenceValue expected = Evidence.Evaluate(exactTrain, y, c.Prior);
        StochasticEvidenceValue estimate = StochasticEvidence.Evaluate(train, y, c.Prior, options);
        Assert.Equal(SolveStatus.Converged, estimate.Status);
        Assert.Equal(expected.Observations, estimate.Value.Observations);

        Assert.Equal(expected.LogEvidence, estimate.Value.LogEvidence, (3 * estimate.LogEvidenceError) + (1e-3 * Math.Max(1, Math.Abs(expected.LogEvidence))));
        AssertGradient(expected.Gradient, estimate.Value.Gradient, estimate.GradientErrors, errors: 4);
    }

    private static void AssertGradient(EvidenceGradient expected, EvidenceGradient actual, EvidenceGradient deviations, double errors)
    {
        double[] truth = [.. expected.LogBlockScales, .. expected.LogNoiseVariance];
        double[] estimates = [.. actual.LogBlockScales, .. actual.LogNoiseVariance];
        double[] scatter = [.. deviations.LogBlockScales, .. deviations.LogNoiseVariance];
        Assert.Equal(truth.Length, estimates.Length);
        Assert.Equal(truth.Length, scatter.Length);
        double size = Math.Max(1, truth.Max(Math.Abs));
        for (int i = 0; i < truth.Length; i++)
        {
            // Where every probe says the same, the tolerance of the solves is left.
            Assert.Equal(truth[i], estimates[i], (errors * scatter[i]) + (1e-4 * size));
        }
    }
}
