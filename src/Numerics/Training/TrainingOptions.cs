namespace AdaptCluster.Numerics.Training;

/// <summary>How a source network is trained.</summary>
public sealed record TrainingOptions
{
    /// <summary>The most epochs. Default: 200.</summary>
    public int Epochs { get; init; } = 200;

    /// <summary>Rows per step. Default: 256.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Adam's learning rate at the start. Default: 1e-3.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>How it goes on. Default: cosine.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>The fraction of rows kept out for early stopping, in [0, 0.9]. Default: 0.1. With none, the training loss decides.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Epochs without a better loss after which training stops. Default: 20.</summary>
    public int Patience { get; init; } = 20;

    /// <summary>Decoupled weight decay per unit of learning rate (AdamW). Default: 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>The seed of the initial weights, the validation split and the order of rows. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public void Validate()
    {
        Require(Epochs >= 1, nameof(Epochs), "at least 1", Epochs);
        Require(BatchSize >= 1, nameof(BatchSize), "at least 1", BatchSize);
        Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), "positive", LearningRate);
        Require(Enum.IsDefined(Schedule), nameof(Schedule), "a known schedule", (double)Schedule);
        Require(ValidationFraction is >= 0 and <= 0.9, nameof(ValidationFraction), "between 0 and 0.9", ValidationFraction);
        Require(Patience >= 1, nameof(Patience), "at least 1", Patience);
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), "not negative", WeightDecay);
    }

    private static void Require(bool holds, string name, string range, double value)
    {
        if (!holds)
        {
            throw new ArgumentException($"{name} must be {range}, but is {value}.");
        }
    }
}
