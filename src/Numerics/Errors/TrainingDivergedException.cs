namespace AdaptCluster.Numerics.Errors;

/// <summary>The training loss became infinite or not a number.</summary>
public sealed class TrainingDivergedException : NumericsException
{
    internal TrainingDivergedException(int epoch, double learningRate)
        : base($"Training diverged in epoch {epoch} with a learning rate of {learningRate:R}. Lower the learning rate (try {learningRate / 10:R}).")
    {
        Epoch = epoch;
        LearningRate = learningRate;
    }

    /// <summary>The epoch, counted from 1.</summary>
    public int Epoch { get; }

    /// <summary>The peak learning rate that was asked for.</summary>
    public double LearningRate { get; }
}
