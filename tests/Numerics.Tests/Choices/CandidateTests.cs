using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Choices;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Baselines;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Choices;

public sealed class CandidateTests
{
    [Fact]
    public void Shift_Evidence_IsTheDensityWithTheConstantIntegratedOver()
    {
        using var network = new SourceNetwork(Fleets.Model(), torch.CPU);
        List<TaskData> tasks = Fleets.Related(network.Model, 10, 6, seed: 1);
        using var candidate = new ShiftCandidate(CandidateNames.Shift, network, shifts: true);
        candidate.Load(tasks, new InlineSlices());
        candidate.Learn([.. Enumerable.Repeat(1.0, 10)], new SharedNoise(0.05, TaskSpread.None), new InlineSlices());
        double evidence = candidate.LogEvidence(tasks[3]);
        Assert.Equal(candidate.LogEvidences(new InlineSlices())[3], evidence, 1e-12);

        // The best variance of the constant is that of a dense search over N(0, tau^2 1 1^T + sigma^2 I).
        double[][] residuals = [.. tasks.Select(task => FleetResiduals.Residuals(network, task))];
        double total = candidate.LogEvidences(new InlineSlices()).Sum();
        double best = double.NegativeInfinity;
        for (double tau = -12; tau <= 3; tau += 0.01)
        {
            best = Math.Max(best, residuals.Sum(r => Dense(r, Math.Exp(tau), 0.05)));
        }

        Assert.InRange(total, best - 1e-9, best + 1e-3); // the dense search has steps of 1%
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.4)]
    public void Candidates_EveryOne_HasTheSameEvidenceForTheFleetAndForATask(double deviation)
    {
        var spread = new TaskSpread(deviation, deviation);
        using var network = new SourceNetwork(Fleets.Model(), torch.CPU);
        using SourceNetwork last = LastLayer(network.Model);
        List<TaskData> tasks = Fleets.Related(network.Model, 6, 7, seed: 2);
        ICandidate[] candidates =
        [
            new ShiftCandidate(CandidateNames.None, network, shifts: false),
            new LastLayerCandidate(last),
            new FullCandidate(network, seed: 0),
            new ResidualCandidate(network),
        ];
        foreach (ICandidate candidate in candidates)
        {
            using (candidate)
            {
                candidate.Load(tasks, new InlineSlices());
                double[] weights = [1, 1, 1, 0.5, 0.5, 0.5];
                (candidate as FullCandidate)?.LearnWithNoise(weights, new InlineSlices());
                candidate.Learn(weights, new SharedNoise(0.02, spread), new InlineSlices());
                double[] fleet = candidate.LogEvidences(new InlineSlices());
                double evidence = candidate.LogEvidence(tasks[2]);
                Assert.Equal(fleet[2], evidence, 1e-8 * Math.Abs(evidence));
            }
        }
    }

    [Fact]
    public void Mixture_Predict_HasTheMixturesMeanAndVariance()
    {
        var at = new RowMatrix(1, 1, [0]);
        using var model = new MixtureModel([new Fixed(1, 2), new Fixed(5, 4)], [0.25, 0.75]);
        Forecast forecast = model.Predict(at);
        Assert.Equal(4, forecast.Mean.Values[0], 1e-12);
        Assert.Equal((0.25 * (2 + 1)) + (0.75 * (4 + 25)) - 16, forecast.Variance.Values[0], 1e-12); // E[y^2] - mean^2
        Assert.Equal(5, model.PredictByLikeliest(at).Mean.Values[0]);
    }

    [Fact]
    public void Learn_HalfOfTheFleetUnrelated_TheseDoNotUseTheNetworkAndTheOthersDoNotSuffer()
    {
        using var network = new SourceNetwork(Fleets.Model(), torch.CPU);
        using SourceNetwork last = LastLayer(network.Model);
        List<TaskData> related = Fleets.Related(network.Model, 40, 15, seed: 3);
        List<TaskData> unrelated = Fleets.Unrelated(network.Model, 40, 15, seed: 4);
        List<TaskData> newRelated = Fleets.Related(network.Model, 40, 60, seed: 5);
        List<TaskData> newUnrelated = Fleets.Unrelated(network.Model, 40, 60, seed: 6);
        using CandidateMixture mixture = new CandidateMixture(network, last, seed: 0);
        mixture.Learn([.. related, .. unrelated], new InlineSlices());
        using var alone = new FleetAdaptation(network, new FleetFitOptions());
        alone.Learn(related, new InlineSlices());
        using var spoiled = new FleetAdaptation(network, new FleetFitOptions());
        spoiled.Learn([.. related, .. unrelated], new InlineSlices());

        (Dictionary<string, int> choices, double density) = Run(mixture, newUnrelated);
        int away = choices.Where(c => c.Key is CandidateNames.None or CandidateNames.Shift or CandidateNames.Residual).Sum(c => c.Value);
        TestContext.Current.SendDiagnosticMessage($"unrelated: {Text(choices)}, density {density:0.000}");
        Assert.True(away >= 32, $"only {away} of 40 unrelated tasks were kept from the network: {Text(choices)}");

        (Dictionary<string, int> kept, double chosen) = Run(mixture, newRelated);
        double best = Density(alone, newRelated);
        double mixed = Density(spoiled, newRelated);
        TestContext.Current.SendDiagnosticMessage($"related: {Text(kept)}, density {chosen:0.000}; of a fleet of their kind alone {best:0.000}, one prior for both kinds {mixed:0.000}");
        Assert.True(kept.GetValueOrDefault(CandidateNames.Full) >= 36, Text(kept));
        Assert.True(chosen <= best + 0.05, $"{chosen} against {best}"); // nats per row
        Assert.True(chosen < mixed, $"{chosen} against {mixed}");
    }

    [Fact]
    public void Learn_TasksThatAreTheSource_Abstain()
    {
        using var network = new SourceNetwork(Fleets.Model(), torch.CPU);
        using SourceNetwork last = LastLayer(network.Model);
        List<TaskData> fleet = [.. Fleets.Related(network.Model, 30, 12, seed: 3, moved: 0), .. Fleets.Related(network.Model, 30, 12, seed: 4, moved: 0.3)];
        using CandidateMixture mixture = new CandidateMixture(network, last, seed: 0);
        mixture.Learn(fleet, new InlineSlices());
        (Dictionary<string, int> same, _) = Run(mixture, Fleets.Related(network.Model, 40, 60, seed: 5, moved: 0));
        (Dictionary<string, int> moved, _) = Run(mixture, Fleets.Related(network.Model, 40, 60, seed: 6, moved: 0.3));
        TestContext.Current.SendDiagnosticMessage($"the source itself: {Text(same)}; moved: {Text(moved)}");
        Assert.True(same.GetValueOrDefault(CandidateNames.None) >= 36, Text(same));
        Assert.True(moved.GetValueOrDefault(CandidateNames.None) <= 4, Text(moved));
    }

    // Twenty rows are seen of each task, the others scored.
    private static (Dictionary<string, int> Choices, double Density) Run(CandidateMixture mixture, List<TaskData> tasks)
    {
        var choices = new Dictionary<string, int>(StringComparer.Ordinal);
        double density = 0;
        foreach (TaskData task in tasks)
        {
            using MixtureModel model = mixture.Fit(task.Slice(0, 20));
            string choice = mixture.Names[model.Likeliest];
            choices[choice] = choices.GetValueOrDefault(choice) + 1;
            density += Score(model, task) / tasks.Count;
        }

        return (choices, density);
    }

    private static double Density(FleetAdaptation method, List<TaskData> tasks) => tasks.Average(task =>
    {
        using ITaskModel model = method.Adapt(task.Slice(0, 20));
        return Score(model, task);
    });

    private static double Score(ITaskModel model, TaskData task)
    {
        TaskData rest = task.Slice(20, task.Rows - 20);
        Forecast forecast = model.Predict(rest.Inputs);
        return LeaveOneOut.Score(forecast.Mean.Values, forecast.Variance.Values, rest.Targets.Values).MeanNegativeLogDensity;
    }

    private static string Text(Dictionary<string, int> choices) => string.Join(", ", choices.Select(c => $"{c.Key} {c.Value}"));

    private static SourceNetwork LastLayer(SourceModel model) => new(
        new SourceModel(model.Weights.Adapting(ParameterSelection.LastLayer), model.InputStandardisation, model.OutputStandardisation), torch.CPU);

    private static double Dense(double[] r, double tau, double sigma)
    {
        double n = r.Length;
        double sum = r.Sum();
        double fit = (r.Sum(v => v * v) - (tau * sum * sum / (sigma + (n * tau)))) / sigma; // Sherman and Morrison
        return -0.5 * (fit + ((n - 1) * Math.Log(sigma)) + Math.Log(sigma + (n * tau)) + (n * Math.Log(2 * Math.PI)));
    }

    private sealed class Fixed(double mean, double variance) : ITaskModel
    {
        public Forecast Predict(RowMatrix inputs) => new(new RowMatrix(1, 1, [mean]), new RowMatrix(1, 1, [variance]));

        public void Dispose()
        {
        }
    }
}
