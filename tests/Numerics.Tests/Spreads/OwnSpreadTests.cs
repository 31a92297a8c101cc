using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;
using Fleets = AdaptCluster.Numerics.Tests.FleetPriors.Fleets;

namespace AdaptCluster.Numerics.Tests.Spreads;

public sealed class OwnSpreadTests
{
    private static readonly NetworkSpec Spec = NetworkSpec.Mlp(2, [8], 1, Activation.Tanh);
    private static readonly Prior Fleet = new([0.3, 0.4, 0.1, 0.5], [0.05], PriorMean.Source) { Spread = new TaskSpread(0.6, 0.6) };

    [Fact]
    public void Fit_TwoRows_HardlyMove()
    {
        using SourceNetwork network = Network();
        foreach (TaskData task in Fleets.Draw(network, Fleet, Enumerable.Repeat(2, 20), seed: 1))
        {
            using TaskPosterior posterior = TaskPosterior.Fit(network, task, Fleet);
            Assert.InRange(Math.Log(posterior.Report.Factors.Noise), -0.35, 0.9); // a quarter of two rows' own word, at most
            Assert.InRange(Math.Log(posterior.Report.Factors.Scale), -0.5, 0.9);
        }
    }

    [Fact]
    public void Fit_AThousandRows_ReachTheirOwnOptimum()
    {
        using SourceNetwork network = Network();
        Prior own = Fleet.At(new TaskFactors(4, 0.5));
        TaskData task = Fleets.Draw(network, own, [1000], seed: 2)[0];
        using TaskPosterior posterior = TaskPosterior.Fit(network, task, Fleet);
        TaskFactors factors = posterior.Report.Factors;
        using DisposeScope scope = torch.NewDisposeScope();
        using JacobianFactors train = network.Linearise(task.Inputs);
        torch.Tensor kernel = train.Gram(Fleet.BlockScales.AsSpan()) / Fleet.NoiseVariance[0];
        double[] residuals = [.. FleetResiduals.Residuals(network, task).Select(r => r / Math.Sqrt(Fleet.NoiseVariance[0]))];
        SpectralFit best = SpectralEvidence.Maximise([Spectrum.Of(kernel, torch.tensor(residuals, [1000, 1]))]);
        Assert.InRange(factors.Noise / best.NoiseVariance, 0.99, 1.01); // a prior of spread 0.6 is worth six of a thousand rows
        Assert.InRange(factors.Scale / best.Scale, 0.6, 2.5); // a scale has some ten numbers to be known by
        Assert.InRange(factors.Noise, 3.3, 4.7);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(900)]
    public void Find_MoreThanASpectrumTakes_IsTheModeOfAllRows(int rows)
    {
        using SourceNetwork network = Network();
        TaskData task = Fleets.Draw(network, Fleet.At(new TaskFactors(0.4, 2)), [rows], seed: 3)[0];
        TaskFactors factors = OwnSpread.Find(network, task, Fleet);
        using DisposeScope scope = torch.NewDisposeScope();
        using JacobianFactors train = network.Linearise(task.Inputs);
        torch.Tensor kernel = train.Gram(Fleet.BlockScales.AsSpan()) / Fleet.NoiseVariance[0];
        double[] residuals = [.. FleetResiduals.Residuals(network, task).Select(r => r / Math.Sqrt(Fleet.NoiseVariance[0]))];
        TaskFactors expected = SpreadMode.Find(Spectrum.Of(kernel, torch.tensor(residuals, [rows, 1])), 1, 1, SpreadPrior.Of(Fleet.Spread)).Factors;

        // The last step is below 1e-3; the variance that turns a mode into a mean is the average information's here and the observed one's there.
        Assert.Equal(Math.Log(expected.Noise), Math.Log(factors.Noise), 0.003);
        Assert.Equal(Math.Log(expected.Scale), Math.Log(factors.Scale), 0.05);
    }

    [Theory]
    [InlineData(1, OutputCoupling.Full, 20)]
    [InlineData(3, OutputCoupling.Full, 20)]
    [InlineData(3, OutputCoupling.Independent, 20)]
    [InlineData(1, OutputCoupling.Full, 400)]
    public void Fit_OnceMoreWhereTheTaskStands_GivesTheSameBits(int outputs, OutputCoupling coupling, int rows)
    {
        NetworkSpec spec = NetworkSpec.Mlp(2, [8], outputs, Activation.Tanh);
        using SourceNetwork network = Cases.Network(Cases.Build(spec, seed: 3, rows: 1, others: 1));
        Prior fleet = Fleet with
        {
            NoiseVariance = [.. Enumerable.Range(1, outputs).Select(o => 0.03 * o)],
            Coupling = coupling,
            Shift = [.. new SeededRandom(1).Normals(spec.ParameterCount).Select(v => 0.1 * v)],
            Directions = [.. new SeededRandom(2).Normals(2 * spec.ParameterCount).Select(v => 0.1 * v)],
        };
        TaskData task = Fleets.Draw(network, fleet with { Coupling = OutputCoupling.Full }, [rows], seed: 4)[0];
        RowMatrix inputs = Cases.Normal(new SeededRandom(5), 7, 2);
        using TaskPosterior first = TaskPosterior.Fit(network, task, fleet);
        Assert.NotEqual(TaskFactors.Fleet, first.Report.Factors);
        using TaskPosterior again = TaskPosterior.Fit(network, task, fleet.At(first.Report.Factors));
        Prediction one = first.Predict(inputs);
        Prediction two = again.Predict(inputs);
        Assert.Equal(one.Mean.Values, two.Mean.Values);
        Assert.Equal(one.LatentVariance.Values, two.LatentVariance.Values);
        Assert.Equal(one.NoiseVariance.Values, two.NoiseVariance.Values);
    }

    [Fact]
    public void FitPrior_FleetWhoseNoiseDiffers_LearnsItAndItsMean()
    {
        using SourceNetwork network = Network();
        var random = new SeededRandom(6);
        const double spread = 0.7;
        var tasks = new List<TaskData>();
        for (int t = 0; t < 300; t++)
        {
            var own = new TaskFactors(Math.Exp((spread * random.NextNormal()) - (0.5 * spread * spread)), 1);
            tasks.AddRange(Fleets.Draw(network, Fleet.At(own), [25], seed: 100 + t));
        }

        var options = new FleetFitOptions { LearnsSpread = true };
        using var evidence = new FleetEvidence(network, tasks, options);
        FleetFit fit = FleetPriorFitter.Fit(evidence, Spec, options, cancellation: TestContext.Current.CancellationToken);
        Assert.InRange(fit.Prior.Spread.Noise, 0.55, 0.85); // three standard errors of 300 logarithms, each known to 0.28
        Assert.InRange(fit.Prior.Spread.Scale, 0, 0.6);
        Assert.InRange(Math.Log(fit.Prior.NoiseVariance[0] / 0.05), -0.2, 0.2);
        Assert.InRange(fit.SpreadGain, 0.01, 0.5);
        FleetFit without = FleetPriorFitter.Fit(evidence, Spec, new FleetFitOptions(), cancellation: TestContext.Current.CancellationToken);
        Assert.True(without.Prior.Spread.IsNone);
        Assert.Equal(without.LogEvidencePerObservation, fit.LogEvidencePerObservation);

        // New tasks are predicted better by it.
        double with = 0, plain = 0;
        for (int t = 0; t < 40; t++)
        {
            var own = new TaskFactors(Math.Exp((spread * random.NextNormal()) - (0.5 * spread * spread)), 1);
            TaskData task = Fleets.Draw(network, Fleet.At(own), [80], seed: 900 + t)[0];
            with += Density(network, task, fit.Prior) / 40;
            plain += Density(network, task, without.Prior) / 40;
        }

        Assert.True(with < plain - 0.02, $"{with} against {plain}");
    }

    [Fact]
    public void Spectra_OfAFleet_AreThoseOfEachTaskAlone()
    {
        using SourceNetwork network = Network();
        List<TaskData> tasks = Fleets.Draw(network, Fleet, [3, 8, 8, 20, 1], seed: 7);
        using var evidence = new FleetEvidence(network, tasks, new FleetFitOptions());
        IReadOnlyList<TaskSpectra?> spectra = evidence.Spectra(Fleet);
        Assert.Null(spectra[4]); // one row says nothing
        FleetEvidenceValue value = evidence.Evaluate(Fleet);
        for (int t = 0; t < 4; t++)
        {
            Spectrum alone = OwnSpread.SpectrumOf(network, tasks[t], Fleet)!;
            double density = SpectralSlope.Density(spectra[t]!.Whole, 1, 1);
            Assert.Equal(SpectralSlope.Density(alone, 1, 1), density, 1e-9 * Math.Abs(density));
            Assert.Equal(value.Tasks[t].LogEvidence, density, 1e-9 * Math.Abs(density));
            Assert.Equal(tasks[t].Rows / 2, spectra[t]!.Half!.Count);
        }
    }

    private static double Density(SourceNetwork network, TaskData task, Prior prior)
    {
        using var model = new PosteriorModel(TaskPosterior.Fit(network, task.Slice(0, 30), prior));
        TaskData rest = task.Slice(30, 50);
        Forecast forecast = model.Predict(rest.Inputs);
        return LeaveOneOut.Score(forecast.Mean.Values, forecast.Variance.Values, rest.Targets.Values).MeanNegativeLogDensity;
    }

    private static SourceNetwork Network() => Cases.Network(Cases.Build(Spec, seed: 3, rows: 1, others: 1));
}
