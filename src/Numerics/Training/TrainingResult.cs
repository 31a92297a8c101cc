using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Numerics.Training;

/// <summary>A trained network. Errors are in standardised units squared, averaged over outputs; without validation rows theirs are the training ones.</summary>
/// <param name="Model">The network with the weights of the best epoch.</param>
/// <param name="Epochs">Epochs run.</param>
/// <param name="BestEpoch">The epoch whose weights were kept, counted from 1.</param>
/// <param name="TrainMse">The mean squared error over the training rows.</param>
/// <param name="ValidationMse">The mean squared error over the validation rows.</param>
/// <param name="ValidationVariance">The variance of the validation targets: R^2 = 1 - ValidationMse / ValidationVariance.</param>
/// <param name="TrainRows">Rows that were trained on.</param>
/// <param name="ValidationRows">Rows that were kept out.</param>
public sealed record TrainingResult(
    SourceModel Model,
    int Epochs,
    int BestEpoch,
    double TrainMse,
    double ValidationMse,
    double ValidationVariance,
    int TrainRows,
    int ValidationRows);
