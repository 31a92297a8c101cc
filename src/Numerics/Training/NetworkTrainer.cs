using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using TorchSharp;

namespace AdaptCluster.Numerics.Training;

/// <summary>
/// Trains a source network, one epoch per call, so that a host can do other work in between. Mean squared error of standardised targets, Adam,
/// seeded mini-batches, early stopping on a seeded validation split, the best epoch's weights. fp32.
/// The same seed on the same machine with the same number of native threads gives the same bits. One thread at a time.
/// </summary>
public sealed class NetworkTrainer : IDisposable
{
    private readonly NetworkSpec _spec;
    private readonly TrainingOptions _options;
    private readonly torch.Device _device;
    private readonly Standardisation _inputs;
    private readonly Standardisation _outputs;
    private readonly TrainingSet _train;
    private readonly TrainingSet? _validation;
    private readonly TrainableNetwork _network;
    private readonly AdamOptimiser _optimiser;
    private readonly SeededRandom _random;
    private NetworkWeights _best;
    private double _bestLoss = double.PositiveInfinity;
    private int _bestEpoch;
    private int _epoch;
    private long _step;

    /// <summary>Splits and standardises the data and puts it on the device: 4 n (d + c) bytes, twice during an epoch.</summary>
    /// <param name="spec">The network; its outputs must be the targets' columns.</param>
    /// <param name="data">The rows to learn from, at least one, in the data's units.</param>
    /// <param name="options">How to train.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="inputGroups">Optional, length d: which inputs are standardised together or not at all; see <see cref="Standardisation.Fit"/>.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the data does not fit the network.</exception>
    public NetworkTrainer(NetworkSpec spec, TaskData data, TrainingOptions options, torch.Device device, ReadOnlySpan<int> inputGroups = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(device);
        options.Validate();
        if (data.Rows == 0 || data.Inputs.Columns != spec.InputWidth || data.Targets.Columns != spec.Outputs)
        {
            throw new ArgumentException(
                $"The network wants rows of {spec.InputWidth} inputs and {spec.Outputs} targets, but there are {data.Rows} rows of {data.Inputs.Columns} and {data.Targets.Columns}.", nameof(data));
        }

        _spec = spec;
        _options = options;
        _device = device;
        _random = new SeededRandom(options.Seed, 1);
        int[] order = _random.Permutation(data.Rows);
        int kept = Math.Min((int)Math.Round(options.ValidationFraction * data.Rows), data.Rows - 1);
        int[] training = order[kept..];
        _inputs = Standardisation.Fit(data.Inputs.SelectRows(training), inputGroups);
        _outputs = Standardisation.Fit(data.Targets.SelectRows(training));
        _train = new TrainingSet(data, training, _inputs, _outputs, device);
        _validation = kept == 0 ? null : new TrainingSet(data, order[..kept], _inputs, _outputs, device);
        _best = NetworkWeights.Initialise(spec, options.Seed);
        _network = new TrainableNetwork(_best, device);
        _optimiser = new AdamOptimiser(_network.Parameters);
    }

    /// <summary>Whether the last epoch was run, or patience ran out.</summary>
    public bool Finished => _epoch >= _options.Epochs || (_epoch > 0 && _epoch - _bestEpoch >= _options.Patience);

    private int StepsPerEpoch => (_train.Rows + _options.BatchSize - 1) / _options.BatchSize;

    /// <summary>About how many floating-point operations one step takes: forward, reverse and gradient products.</summary>
    public double FlopsPerStep => 3.0 * Math.Min(_options.BatchSize, _train.Rows) * _spec.FlopsPerRow;

    /// <summary>Runs one epoch: every training row once, in a new order.</summary>
    /// <exception cref="InvalidOperationException">Training is <see cref="Finished"/>.</exception>
    /// <exception cref="TrainingDivergedException">The loss is no number any more.</exception>
    public TrainingProgress RunEpoch()
    {
        if (Finished)
        {
            throw new InvalidOperationException($"Training has finished after {_epoch} epochs: call {nameof(Finish)}.");
        }

        _epoch++;
        double trainLoss = RunSteps();
        double validationLoss = double.IsFinite(trainLoss) ? _validation?.MeanSquaredError(_network) ?? trainLoss : trainLoss;
        if (!double.IsFinite(validationLoss))
        {
            throw new TrainingDivergedException(_epoch, _options.LearningRate);
        }

        if (validationLoss < _bestLoss)
        {
            _bestLoss = validationLoss;
            _bestEpoch = _epoch;
            _best = _network.Weights();
        }

        return new TrainingProgress(_epoch, _options.Epochs, trainLoss, validationLoss);
    }

    /// <summary>The network with the best epoch's weights, at any time after the first epoch; the trainer can go on afterwards.</summary>
    /// <exception cref="InvalidOperationException">No epoch was run.</exception>
    public TrainingResult Finish()
    {
        if (_epoch == 0)
        {
            throw new InvalidOperationException($"No epoch was run: call {nameof(RunEpoch)} first.");
        }

        var model = new SourceModel(_best, _inputs, _outputs);
        using var best = new TrainableNetwork(_best, _device);
        double trainError = _train.MeanSquaredError(best);
        TrainingSet validation = _validation ?? _train;
        return new TrainingResult(
            model, _epoch, _bestEpoch, trainError, _validation?.MeanSquaredError(best) ?? trainError, validation.TargetVariance(), _train.Rows, _validation?.Rows ?? 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _train.Dispose();
        _validation?.Dispose();
        _network.Dispose();
        _optimiser.Dispose();
    }

    private double RunSteps()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor order = torch.tensor(_random.Permutation(_train.Rows), dtype: torch.ScalarType.Int32, device: _device);
        torch.Tensor x = _train.X.index_select(0, order);
        torch.Tensor y = _train.Y.index_select(0, order);
        torch.Tensor squares = torch.zeros(1, dtype: torch.ScalarType.Float64, device: _device);
        for (int start = 0; start < _train.Rows; start += _options.BatchSize)
        {
            using DisposeScope step = torch.NewDisposeScope();
            int count = Math.Min(_options.BatchSize, _train.Rows - start);
            _network.Backward(x.narrow(0, start, count), y.narrow(0, start, count), squares);
            _optimiser.Step(_network.Parameters, _network.Gradient, LearningRate(), _options.WeightDecay);
            _step++;
        }

        return squares.item<double>() / _train.Y.numel();
    }

    private double LearningRate() => _options.Schedule == LearningRateSchedule.Constant
        ? _options.LearningRate
        : _options.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * _step / ((double)StepsPerEpoch * _options.Epochs)));
}
