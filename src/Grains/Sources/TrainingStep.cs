namespace AdaptCluster.Grains.Sources;

/// <summary>One epoch, or with <paramref name="Trained"/> the end of the training.</summary>
internal sealed record TrainingStep(int Epoch, double TrainingLoss, double ValidationLoss, TrainedModel? Trained);
