using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Training;
using TorchSharp;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>
/// All weights trained further: Adam on all of the task's rows but a seeded fifth (at least one), which stops it; the weights of the best epoch,
/// those of the source included. The noise is the mean of the squared errors of the rows held out and of <see cref="NoiseShrinkage.Pseudo"/> pseudo-observations
/// of the fleet's. One row alone cannot be split: it leaves the network as it is.
/// </summary>
internal sealed class FineTuning(SourceNetwork source, int seed) : IAdaptationMethod
{
    private const double LearningRate = 1e-3;
    private const int MaxEpochs = 500;
    private const int Patience = 30;
    private const double HeldOut = 0.2;
    private double _fleetNoise = double.NaN;

    public string Name => MethodNames.FineTune;

    public void Learn(IReadOnlyList<TaskData> tasks, IComputeSlices slices) => _fleetNoise = FleetResiduals.Of(source, tasks, slices).SourceVariance;

    public ITaskModel Adapt(TaskData data)
    {
        if (data.Rows == 1)
        {
            return new ShiftedModel(source, new double[source.Model.Spec.Outputs], _fleetNoise, 0);
        }

        (NetworkWeights weights, double squares, int count) = Train(data);
        SourceModel model = new(weights, source.Model.InputStandardisation, source.Model.OutputStandardisation);
        return new TunedModel(new SourceNetwork(model, source.Device, source.DType), NoiseShrinkage.Of(_fleetNoise, squares, count));
    }

    public void Dispose()
    {
    }

    /// <summary>The best weights, their squared error over the rows held out, and how many numbers those are.</summary>
    internal (NetworkWeights Weights, double Squares, int Count) Train(TaskData data)
    {
        int[] order = new SeededRandom(seed, data.Rows).Permutation(data.Rows);
        int kept = Math.Max(1, (int)Math.Round(HeldOut * data.Rows));
        using var network = new TrainableNetwork(source.Model.Weights, source.Device);
        using var optimiser = new AdamOptimiser(network.Parameters);
        using var train = new TrainingSet(data, order[kept..], source.Model.InputStandardisation, source.Model.OutputStandardisation, source.Device);
        using var held = new TrainingSet(data, order[..kept], source.Model.InputStandardisation, source.Model.OutputStandardisation, source.Device);
        NetworkWeights best = source.Model.Weights;
        double bestLoss = held.MeanSquaredError(network);
        int bestEpoch = 0;
        for (int epoch = 1; epoch <= MaxEpochs && epoch - bestEpoch <= Patience; epoch++)
        {
            using (DisposeScope scope = torch.NewDisposeScope())
            {
                torch.Tensor squares = torch.zeros(1, dtype: torch.ScalarType.Float64, device: source.Device);
                network.Backward(train.X, train.Y, squares);
                optimiser.Step(network.Parameters, network.Gradient, LearningRate, weightDecay: 0);
            }

            double loss = held.MeanSquaredError(network);
            if (loss < bestLoss)
            {
                (best, bestLoss, bestEpoch) = (network.Weights(), loss, epoch);
            }
        }

        int numbers = kept * source.Model.Spec.Outputs;
        return (best, bestLoss * numbers, numbers);
    }

    private sealed class TunedModel(SourceNetwork network, double noise) : ITaskModel
    {
        public Forecast Predict(RowMatrix inputs)
        {
            using var model = new ShiftedModel(network, new double[network.Model.Spec.Outputs], noise, 0);
            return model.Predict(inputs);
        }

        public void Dispose() => network.Dispose();
    }
}
