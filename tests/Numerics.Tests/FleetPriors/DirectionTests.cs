using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.FleetPriors;

public sealed class DirectionTests
{
    [Theory]
    [InlineData(1, 40, OutputCoupling.Full)]
    [InlineData(2, 11, OutputCoupling.Full)]
    [InlineData(2, 11, OutputCoupling.Independent)]
    [InlineData(1, 300, OutputCoupling.Full)]
    public void Evaluate_ShiftAndDirections_HasTheGradientOfFiniteDifferences(int outputs, int rows, OutputCoupling coupling)
    {
        NetworkSpec spec = NetworkSpec.Mlp(2, [3], outputs, Activation.Tanh);
        Case c = Cases.Build(spec, 5, rows, 1);
        using SourceNetwork network = Cases.Network(c);
        var options = new FleetFitOptions { Coupling = coupling, MaxRowsPerTask = 300 };
        TaskData[] tasks = [new(c.X, c.Y), new(c.X.Slice(0, rows / 2), c.Y.Slice(1, rows / 2)), new(c.X.Slice(0, 3), c.Y.Slice(4, 3))];
        using var evidence = new FleetEvidence(network, tasks, options);
        var random = new SeededRandom(4);
        int p = spec.ParameterCount;
        Prior prior = new([0.3, 0.02, 0.1, 0.5], [0.5], PriorMean.Source)
        {
            Coupling = coupling,
            Shift = [.. random.Normals(p).Select(v => 0.1 * v)],
            Directions = [.. random.Normals(2 * p).Select(v => 0.3 * v)],
        };
        HashSet<int> heldOut = [2];
        FleetEvidenceValue value = evidence.Evaluate(prior, heldOut);
        Assert.Equal(3, value.Tasks.Length);
        Assert.Equal(value.Tasks[0].LogEvidence + value.Tasks[1].LogEvidence, value.Sum.LogEvidence, 1e-9 * Math.Abs(value.Sum.LogEvidence));
        const double Step = 1e-5;
        for (int i = 0; i < p; i++)
        {
            int index = i;
            Check(value.Moves[(i * 3) + 2], step => prior with { Shift = prior.Shift.SetItem(index, prior.Shift[index] + step) });
            Check(value.Moves[i * 3], step => prior with { Directions = prior.Directions.SetItem(2 * index, prior.Directions[2 * index] + step) });
            Check(value.Moves[(i * 3) + 1], step => prior with { Directions = prior.Directions.SetItem((2 * index) + 1, prior.Directions[(2 * index) + 1] + step) });
        }

        for (int b = 0; b < 4; b++)
        {
            int block = b;
            Check(value.Sum.Gradient.LogBlockScales[b], step => prior with { BlockScales = prior.BlockScales.SetItem(block, prior.BlockScales[block] * Math.Exp(step)) });
        }

        Check(value.Sum.Gradient.LogNoiseVariance[0], step => prior with { NoiseVariance = [prior.NoiseVariance[0] * Math.Exp(step)] });

        // Central differences: step^2 = 1e-10 times a third derivative, and rounding of 1e-13 times the value over the step.
        void Check(double derivative, Func<double, Prior> at)
        {
            double difference = (evidence.Evaluate(at(Step), heldOut).Sum.LogEvidence - evidence.Evaluate(at(-Step), heldOut).Sum.LogEvidence) / (2 * Step);
            Assert.Equal(difference, derivative, 1e-6 * Math.Max(1, Math.Abs(value.Sum.LogEvidence)));
        }
    }

    [Fact]
    public void Fit_FiveHundredTasksWithTwoDirections_FindsTheirSpanAndTheShift()
    {
        NetworkSpec spec = NetworkSpec.Mlp(2, [8], 1, Activation.Tanh);
        Case c = Cases.Build(spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        Prior truth = new([0.01, 0.01, 0.01, 0.01], [0.01], PriorMean.Source);
        var random = new SeededRandom(8);
        int p = spec.ParameterCount;
        double[] directions = [.. random.Normals(2 * p).Select(v => 0.4 * v)];
        double[] shift = [.. random.Normals(p).Select(v => 0.3 * v)];
        List<TaskData> tasks = Fleets.Draw(network, truth, Enumerable.Repeat(20, 500), seed: 5, shift, directions);
        var options = new FleetFitOptions { Rank = null, MaxRank = 4 };
        using var evidence = new FleetEvidence(network, tasks, options);
        FleetFit fit = FleetPriorFitter.Fit(evidence, spec, options, cancellation: TestContext.Current.CancellationToken);

        TestContext.Current.SendDiagnosticMessage(string.Join("; ", fit.Ranks));
        Assert.Equal(2, fit.Prior.RankOf(spec));
        double before = fit.Ranks[0].HeldOutLogEvidence;
        Assert.True(fit.Ranks.Max(score => score.HeldOutLogEvidence) > before + 0.5, string.Join("; ", fit.Ranks));

        // Angles in the space of functions: what J does not see of a direction no data can tell. J at inputs that no task has.
        using DisposeScope scope = torch.NewDisposeScope();
        using JacobianFactors at = network.Linearise(Cases.Normal(random, 200, spec.InputWidth));
        torch.Tensor expected = Basis(at.Apply(torch.tensor(directions, [p, 2])));
        torch.Tensor actual = Basis(at.Apply(torch.tensor(fit.Prior.Directions.ToArray(), [p, 2])));
        double[] cosines = torch.linalg.svdvals(torch.mm(expected.t(), actual)).data<double>().ToArray();
        Assert.InRange(Math.Acos(Math.Min(1, cosines.Min())) * 180 / Math.PI, 0, 10);

        torch.Tensor known = at.Apply(torch.tensor(shift, [p, 1]));
        torch.Tensor found = at.Apply(torch.tensor(fit.Prior.Shift.ToArray(), [p, 1]));

        // The mean of 500 tasks along a direction has a standard error of its length over sqrt(500), 4.5%; beside it the shift is exact.
        double error = (found - known).norm().item<double>();
        double spread = at.Apply(torch.tensor(directions, [p, 2])).norm().item<double>() / Math.Sqrt(500);
        Assert.InRange(error, 0, 4 * spread);
    }

    [Fact]
    public void Fit_TasksWithoutDirections_ChoosesNone()
    {
        NetworkSpec spec = NetworkSpec.Mlp(2, [8], 1, Activation.Tanh);
        Case c = Cases.Build(spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        Prior truth = new([0.3, 0.02, 0.1, 0.5], [0.05], PriorMean.Source);
        List<TaskData> tasks = Fleets.Draw(network, truth, Enumerable.Repeat(15, 80), seed: 5);
        var options = new FleetFitOptions { Rank = null };
        using var evidence = new FleetEvidence(network, tasks, options);
        FleetFit chosen = FleetPriorFitter.Fit(evidence, spec, options, cancellation: TestContext.Current.CancellationToken);
        FleetFit scales = FleetPriorFitter.Fit(evidence, spec, options with { Rank = 0 }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(scales.Prior, chosen.Prior);
        Assert.Equal([0, 1], chosen.Ranks.Select(score => score.Rank));
    }

    [Fact]
    public void Fit_SameTasksTwice_GivesTheSameBits()
    {
        NetworkSpec spec = NetworkSpec.Mlp(2, [8], 1, Activation.Tanh);
        Case c = Cases.Build(spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        Prior truth = new([0.3, 0.02, 0.1, 0.5], [0.05], PriorMean.Source);
        List<TaskData> tasks = Fleets.Draw(network, truth, Enumerable.Repeat(15, 20), seed: 5);
        var options = new FleetFitOptions { Rank = 2, MaxIterations = 8 };
        FleetFit[] fits = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            using var evidence = new FleetEvidence(network, tasks, options);
            return FleetPriorFitter.Fit(evidence, spec, options, cancellation: TestContext.Current.CancellationToken);
        })];
        Assert.Equal(fits[0], fits[1]);
        Assert.Equal(2, fits[0].Prior.RankOf(spec));
    }

    private static torch.Tensor Basis(torch.Tensor columns) => torch.linalg.qr(columns).Q;
}
