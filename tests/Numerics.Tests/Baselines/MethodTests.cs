using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Choices;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Baselines;

public sealed class MethodTests
{
    public static TheoryData<string> Names => new(MethodNames.All);

    [Theory]
    [MemberData(nameof(Names))]
    public void Adapt_OneRowAndTwoOutputs_GivesUsablePredictions(string name)
    {
        SourceModel model = Fleets.Model(NetworkSpec.Mlp(2, [5], 2, Activation.Tanh));
        List<TaskData> tasks = Fleets.Related(model, 8, 6, seed: 1);
        using var methods = new AdaptationMethods(model, torch.CPU, [name], seed: 0);
        methods.Learn(tasks, new InlineSlices());
        using ITaskModel adapted = methods.Methods.Single().Adapt(tasks[0].Slice(0, 1));
        Forecast forecast = adapted.Predict(tasks[1].Inputs);
        Assert.Equal((6, 2), (forecast.Mean.Rows, forecast.Mean.Columns));
        Assert.True(forecast.Mean.AllFinite);
        Assert.All(forecast.Variance.Values, v => Assert.True(v > 0 && double.IsFinite(v)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Adapt_RowsInAnotherOrder_GivesTheSamePredictions(string name)
    {
        if (name == MethodNames.FineTune)
        {
            return; // which rows are held out depends on their order, and says so
        }

        SourceModel model = Fleets.Model();
        List<TaskData> tasks = Fleets.Related(model, 8, 9, seed: 2);
        using var methods = new AdaptationMethods(model, torch.CPU, [name], seed: 0);
        methods.Learn(tasks, new InlineSlices());
        using ITaskModel one = methods.Methods[0].Adapt(tasks[0]);
        using ITaskModel other = methods.Methods[0].Adapt(tasks[0].SelectRows([4, 2, 8, 0, 1, 3, 7, 6, 5]));
        Forecast a = one.Predict(tasks[1].Inputs);
        Forecast b = other.Predict(tasks[1].Inputs);

        // Searches end within 1e-6 (1e-2 for a lengthscale, from the same grid) of the best argument: rounding moves them less than that.
        Assert.All(a.Mean.Values.Zip(b.Mean.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.All(a.Variance.Values.Zip(b.Variance.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void MeanShift_AnyTask_IsThatOfTheLibrary()
    {
        SourceModel model = Fleets.Model();
        List<TaskData> tasks = Fleets.Related(model, 6, 7, seed: 3);
        using var network = new SourceNetwork(model, torch.CPU);
        using var method = new MeanShiftMethod(network);
        method.Learn(tasks, new InlineSlices());
        using ITaskModel adapted = method.Adapt(tasks[0]);
        double noise = FleetResiduals.Of(network, tasks, new InlineSlices()).WithinVariance;
        Forecast expected = Forecast.Of(MeanShift.Predict(network, tasks[0], tasks[1].Inputs, noise));
        Forecast forecast = adapted.Predict(tasks[1].Inputs);
        Assert.All(expected.Mean.Values.Zip(forecast.Mean.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.All(expected.Variance.Values.Zip(forecast.Variance.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Fact]
    public void FleetResiduals_ShiftedTasks_SeparateTheShiftFromTheNoise()
    {
        SourceModel model = Fleets.Model();
        using var network = new SourceNetwork(model, torch.CPU);
        RowMatrix x = Cases.Normal(new SeededRandom(1), 2, 2);
        RowMatrix f = model.OutputStandardisation.Apply(network.Evaluate(x));
        TaskData Task(double a, double b) => new(x, model.OutputStandardisation.Invert(new RowMatrix(2, 1, [f[0, 0] + a, f[1, 0] + b])));
        FleetResiduals residuals = FleetResiduals.Of(network, [Task(1, 3), Task(-2, -2)], new InlineSlices());
        Assert.Equal((1 + 9 + 4 + 4) / 4.0, residuals.SourceVariance, 1e-9);
        Assert.Equal((1 + 1) / 2.0, residuals.WithinVariance, 1e-9); // two degrees of freedom went into the means
    }

    [Fact]
    public void LastLayer_Penalty_HasTheSmallestErrorOfRefitsWithoutEachRow()
    {
        SourceModel model = Fleets.Model();
        TaskData task = Fleets.Related(model, 1, 9, seed: 4, moved: 0.5)[0];
        using var network = new SourceNetwork(model, torch.CPU);
        using SourceNetwork last = LastLayer(model);
        using var method = new LastLayerRidge(network, last);
        (double penalty, double squares) = method.Penalty(task);
        Assert.Equal(RefitSquares(network, last, task, penalty), squares, 1e-8 * squares);
        Assert.True(squares <= RefitSquares(network, last, task, penalty * 10) && squares <= RefitSquares(network, last, task, penalty / 10));
        Assert.True(squares <= FleetResiduals.Residuals(network, task).Sum(r => r * r));
    }

    [Fact]
    public void LastLayer_Predict_IsRidgeRegressionOnTheFeatures()
    {
        SourceModel model = Fleets.Model();
        List<TaskData> tasks = Fleets.Related(model, 5, 9, seed: 4, moved: 0.5);
        using var network = new SourceNetwork(model, torch.CPU);
        using SourceNetwork last = LastLayer(model);
        using var method = new LastLayerRidge(network, last);
        method.Learn(tasks, new InlineSlices());
        (double penalty, double squares) = method.Penalty(tasks[0]);
        double noise = NoiseShrinkage.Of(FleetResiduals.Of(network, tasks, new InlineSlices()).WithinVariance, squares, 9);
        using ITaskModel adapted = method.Adapt(tasks[0]);
        Forecast forecast = adapted.Predict(tasks[1].Inputs);

        torch.Tensor phi = last.Linearise(tasks[0].Inputs).ToDense();
        torch.Tensor at = last.Linearise(tasks[1].Inputs).ToDense();
        torch.Tensor inverse = torch.linalg.inv(torch.mm(phi.t(), phi) + (torch.eye(7, dtype: torch.ScalarType.Float64) * penalty));
        torch.Tensor change = torch.mm(inverse, torch.mm(phi.t(), torch.tensor(FleetResiduals.Residuals(network, tasks[0])).view(-1, 1)));
        Standardisation units = model.OutputStandardisation;
        double[] source = units.Apply(network.Evaluate(tasks[1].Inputs)).Values;
        for (int i = 0; i < 9; i++)
        {
            torch.Tensor row = at.narrow(0, i, 1);
            double mean = source[i] + torch.mm(row, change).item<double>();
            double variance = noise * (1 + torch.mm(torch.mm(row, inverse), row.t()).item<double>());
            Assert.Equal((mean * units.Scale[0]) + units.Mean[0], forecast.Mean.Values[i], 1e-8);
            Assert.Equal(variance * units.Scale[0] * units.Scale[0], forecast.Variance.Values[i], 1e-8);
        }
    }

    [Theory]
    [InlineData(MethodNames.Ablr)]
    [InlineData(MethodNames.Ntk)]
    public void PerTaskKernel_ItsPrior_HasTheBestEvidenceOfAGrid(string name)
    {
        SourceModel model = Fleets.Model();
        TaskData task = Fleets.Related(model, 1, 14, seed: 6)[0];
        using SourceNetwork network = name == MethodNames.Ablr ? LastLayer(model) : new SourceNetwork(model, torch.CPU);
        using var method = new PerTaskKernel(name, network);
        Prior best = method.PriorOf(task);
        Assert.Equal(PriorMean.Zero, best.Mean);
        double value = EvidenceOf(network, task, best);
        foreach (double scale in new[] { 0.2, 0.7, 1, 1.4, 5 })
        {
            foreach (double noise in new[] { 1, 1.4, 5, 30 })
            {
                Prior other = Prior.Uniform(network.Model.Spec, best.BlockScales[0] * scale, best.NoiseVariance[0] * noise, PriorMean.Zero);
                Assert.True(EvidenceOf(network, task, other) <= value + 1e-8);
            }
        }
    }

    [Fact]
    public void FineTune_ManyRows_LearnsAndIsNeverWorseOnTheRowsHeldOut()
    {
        SourceModel model = Fleets.Model();
        TaskData task = Fleets.Related(model, 1, 60, seed: 7, moved: 0.5)[0];
        using var network = new SourceNetwork(model, torch.CPU);
        using var method = new FineTuning(network, seed: 1);
        (NetworkWeights weights, double squares, int count) = method.Train(task);
        Assert.Equal(12, count);
        Assert.NotEqual(model.Weights.Values, weights.Values);
        int[] held = new SeededRandom(1, 60).Permutation(60)[..12];
        double[] untouched = FleetResiduals.Residuals(network, task.SelectRows(held));
        Assert.True(squares < untouched.Sum(r => r * r));
        Assert.Equal(weights.Values, method.Train(task).Weights.Values); // the same seed, the same bits
    }

    [Fact]
    public void FineTune_OneRow_LeavesTheNetworkAsItIs()
    {
        SourceModel model = Fleets.Model();
        List<TaskData> tasks = Fleets.Related(model, 4, 6, seed: 8);
        using var network = new SourceNetwork(model, torch.CPU);
        using var method = new FineTuning(network, seed: 1);
        method.Learn(tasks, new InlineSlices());
        using ITaskModel adapted = method.Adapt(tasks[0].Slice(0, 1));
        Assert.Equal(network.Evaluate(tasks[1].Inputs).Values, adapted.Predict(tasks[1].Inputs).Mean.Values);
    }

    [Fact]
    public void Adapted_Fleet_IsTheFittedPriorsPosterior()
    {
        SourceModel model = Fleets.Model();
        List<TaskData> tasks = Fleets.Related(model, 12, 8, seed: 9);
        using var network = new SourceNetwork(model, torch.CPU);
        using var method = new FleetAdaptation(network, new FleetFitOptions());
        method.Learn(tasks, new InlineSlices());
        using ITaskModel adapted = method.Adapt(tasks[0]);
        using var evidence = new FleetEvidence(network, tasks, new FleetFitOptions());
        using TaskPosterior posterior = TaskPosterior.Fit(network, tasks[0], FleetPriorFitter.Fit(evidence, model.Spec, new FleetFitOptions()).Prior);
        Assert.Equal(Forecast.Of(posterior.Predict(tasks[1].Inputs)).Mean.Values, adapted.Predict(tasks[1].Inputs).Mean.Values);
    }

    [Fact]
    public void WeightedEvidence_IntegerWeights_IsTheFleetWithCopies()
    {
        SourceModel model = Fleets.Model();
        List<TaskData> tasks = Fleets.Related(model, 3, 6, seed: 10);
        using var network = new SourceNetwork(model, torch.CPU);
        using var fleet = new FleetEvidence(network, tasks, new FleetFitOptions());
        using var copies = new FleetEvidence(network, [tasks[0], tasks[0], tasks[2]], new FleetFitOptions());
        Prior prior = Prior.Uniform(model.Spec, 0.1, 0.2);
        EvidenceValue weighted = new SlicedFleetEvidence(fleet, [2, 0, 1], new InlineSlices()).Evaluate(prior).Sum;
        EvidenceValue expected = copies.Evaluate(prior).Sum;
        Assert.Equal(expected.LogEvidence, weighted.LogEvidence, 1e-9);
        Assert.Equal(expected.Observations, weighted.Observations);
        Assert.All(expected.Gradient.LogBlockScales.Zip(weighted.Gradient.LogBlockScales), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    [Fact]
    public void Methods_UnknownName_IsRefused() =>
        Assert.Contains("magic", Assert.Throws<ArgumentException>(() => new AdaptationMethods(Fleets.Model(), torch.CPU, ["none", "magic"], 0)).Message, StringComparison.Ordinal);

    private static SourceNetwork LastLayer(SourceModel model) => new(
        new SourceModel(model.Weights.Adapting(ParameterSelection.LastLayer), model.InputStandardisation, model.OutputStandardisation), torch.CPU);

    private static double EvidenceOf(SourceNetwork network, TaskData task, Prior prior)
    {
        using TaskPosterior posterior = TaskPosterior.Fit(network, task, prior);
        return posterior.Report.LogEvidence;
    }

    // Every row left out in turn, the layer refitted without it.
    private static double RefitSquares(SourceNetwork network, SourceNetwork last, TaskData task, double penalty)
    {
        torch.Tensor phi = last.Linearise(task.Inputs).ToDense();
        torch.Tensor residuals = torch.tensor(FleetResiduals.Residuals(network, task)).view(-1, 1);
        double squares = 0;
        for (int i = 0; i < task.Rows; i++)
        {
            torch.Tensor others = torch.tensor(Enumerable.Range(0, task.Rows).Where(j => j != i).Select(j => (long)j).ToArray());
            torch.Tensor x = phi.index_select(0, others);
            torch.Tensor inverse = torch.linalg.inv(torch.mm(x.t(), x) + (torch.eye(phi.shape[1], dtype: torch.ScalarType.Float64) * penalty));
            torch.Tensor change = torch.mm(inverse, torch.mm(x.t(), residuals.index_select(0, others)));
            double error = residuals[i, 0].item<double>() - torch.mm(phi.narrow(0, i, 1), change).item<double>();
            squares += error * error;
        }

        return squares;
    }
}
