using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Training;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Training;

public sealed class NetworkTrainerTests
{
    private static readonly NetworkSpec Spec = NetworkSpec.Mlp(2, [32, 32], 1, Activation.Tanh);

    [Fact]
    public void RunEpoch_SameSeedTwice_GivesTheSameBits()
    {
        var options = new TrainingOptions { Epochs = 4, BatchSize = 64, Seed = 9 };
        TrainingResult first = Train(Wave(500, 0.1, 1), options);
        TrainingResult second = Train(Wave(500, 0.1, 1), options);
        TrainingResult other = Train(Wave(500, 0.1, 1), options with { Seed = 10 });
        Assert.Equal(first.Model.Weights.Values, second.Model.Weights.Values);
        Assert.NotEqual(first.Model.Weights.Values, other.Model.Weights.Values);
    }

    [Theory]
    [InlineData(LearningRateSchedule.Cosine)]
    [InlineData(LearningRateSchedule.Constant)]
    public void Finish_ASmoothFunctionWithNoise_IsLearnedToTheNoise(LearningRateSchedule schedule)
    {
        TrainingResult result = Train(Wave(2000, 0.1, 2), new TrainingOptions { Epochs = 60, BatchSize = 64, LearningRate = 5e-3, Schedule = schedule });

        // The noise is 0.01 of a variance of about 0.5 + 0.01: the floor is 0.02 standardised. Twice that leaves room for 200 validation rows (sd 10%).
        Assert.InRange(result.ValidationMse, 0.01, 0.04);
        Assert.InRange(result.TrainMse, 0.01, 0.04);
        Assert.InRange(result.ValidationVariance, 0.7, 1.3);
        Assert.Equal(200, result.ValidationRows);
        using var network = new SourceNetwork(result.Model, torch.CPU);
        TaskData fresh = Wave(1000, 0, 3);
        RowMatrix predicted = network.Evaluate(fresh.Inputs);
        double error = predicted.Values.Zip(fresh.Targets.Values, (a, b) => (a - b) * (a - b)).Average();
        Assert.InRange(error, 0, 0.005); // data units, noise-free targets: half of one noise variance
    }

    [Fact]
    public void Finish_AfterOverfitting_RestoresTheBestEpoch()
    {
        TaskData data = Wave(60, 1, 4);
        var options = new TrainingOptions { Epochs = 400, BatchSize = 16, LearningRate = 1e-2, Patience = 30, ValidationFraction = 0.5, Schedule = LearningRateSchedule.Constant };
        using var trainer = new NetworkTrainer(Spec, data, options, torch.CPU);
        double best = double.PositiveInfinity;
        int epochs = 0;
        while (!trainer.Finished)
        {
            best = Math.Min(best, trainer.RunEpoch().ValidationLoss);
            epochs++;
        }

        TrainingResult result = trainer.Finish();
        Assert.True(epochs < 400, "early stopping must have ended it");
        Assert.Equal(epochs, result.BestEpoch + options.Patience);
        Assert.Equal(best, result.ValidationMse); // the same rows, weights and order of operations: the same bits
        Assert.Throws<InvalidOperationException>(() => trainer.RunEpoch());
    }

    [Fact]
    public void RunEpoch_AbsurdLearningRate_SaysToLowerIt()
    {
        NetworkSpec spec = NetworkSpec.Mlp(2, [16, 16], 1, Activation.ReLU);
        using var trainer = new NetworkTrainer(spec, Wave(200, 0.1, 5), new TrainingOptions { LearningRate = 1e30, BatchSize = 8 }, torch.CPU);
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() =>
        {
            while (!trainer.Finished)
            {
                trainer.RunEpoch();
            }
        });
        Assert.Contains("Lower the learning rate", error.Message, StringComparison.Ordinal);
        Assert.Equal(1e30, error.LearningRate);
    }

    [Fact]
    public void Constructor_OptionsOrDataOutOfRange_NamesTheOption()
    {
        TaskData data = Wave(10, 0.1, 6);
        Assert.Contains(nameof(TrainingOptions.BatchSize), Refused(new TrainingOptions { BatchSize = 0 }), StringComparison.Ordinal);
        Assert.Contains(nameof(TrainingOptions.LearningRate), Refused(new TrainingOptions { LearningRate = double.NaN }), StringComparison.Ordinal);
        Assert.Contains(nameof(TrainingOptions.ValidationFraction), Refused(new TrainingOptions { ValidationFraction = 1 }), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new NetworkTrainer(NetworkSpec.Mlp(3, [4], 1, Activation.Tanh), data, new TrainingOptions(), torch.CPU));
        using var trainer = new NetworkTrainer(Spec, data, new TrainingOptions { ValidationFraction = 0 }, torch.CPU);
        Assert.Throws<InvalidOperationException>(() => trainer.Finish());

        string Refused(TrainingOptions options) => Assert.Throws<ArgumentException>(() => new NetworkTrainer(Spec, data, options, torch.CPU)).Message;
    }

    [Fact]
    public void Trainer_WhenDisposed_LeavesNoTensorBehind()
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Train(Wave(100, 0.1, 1), new TrainingOptions { Epochs = 3, WeightDecay = 0.01 });
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Constructor_OneHotColumns_AreLeftAsTheyAre()
    {
        using var trainer = new NetworkTrainer(Spec, Wave(50, 0.1, 7), new TrainingOptions { Epochs = 1, ValidationFraction = 0 }, torch.CPU, [0, -1]);
        trainer.RunEpoch();
        Standardisation inputs = trainer.Finish().Model.InputStandardisation;
        Assert.NotEqual(0, inputs.Mean[0]);
        Assert.Equal((0, 1), (inputs.Mean[1], inputs.Scale[1]));
    }

    private static TrainingResult Train(TaskData data, TrainingOptions options)
    {
        using var trainer = new NetworkTrainer(Spec, data, options, torch.CPU);
        while (!trainer.Finished)
        {
            trainer.RunEpoch();
        }

        return trainer.Finish();
    }

    private static TaskData Wave(int rows, double noise, int seed)
    {
        var random = new SeededRandom(seed);
        double[] x = random.Normals(2 * rows);
        double[] y = [.. Enumerable.Range(0, rows).Select(i => Math.Sin(x[2 * i]) + (0.5 * x[(2 * i) + 1]) + (noise * random.NextNormal()))];
        return new TaskData(new RowMatrix(rows, 2, x), new RowMatrix(rows, 1, y));
    }
}
