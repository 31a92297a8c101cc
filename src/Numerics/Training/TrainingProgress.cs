namespace AdaptCluster.Numerics.Training;

/// <summary>Where training stands after an epoch. Losses are mean squared errors of standardised targets.</summary>
/// <param name="Epoch">The epoch, counted from 1.</param>
/// <param name="Epochs">The most epochs there will be.</param>
/// <param name="TrainLoss">Averaged over the epoch's steps, while the weights moved.</param>
/// <param name="ValidationLoss">After the epoch, on the rows kept out; without such rows the training loss.</param>
public sealed record TrainingProgress(int Epoch, int Epochs, double TrainLoss, double ValidationLoss);
