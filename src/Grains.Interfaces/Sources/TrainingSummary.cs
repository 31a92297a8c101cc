namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>How a network was trained.</summary>
/// <param name="Rows">Rows of the data set, held-out ones included.</param>
/// <param name="Epochs">Passes over the data.</param>
/// <param name="BestEpoch">The pass whose weights were kept.</param>
/// <param name="TrainingMse">Mean squared error on the rows trained on, in the target's own units squared (mean over outputs).</param>
/// <param name="ValidationMse">The same on the held-out rows.</param>
/// <param name="Seconds">Wall-clock seconds.</param>
[GenerateSerializer, Immutable, Alias("adapt.TrainingSummary")]
public sealed record TrainingSummary(
    [property: Id(0)] int Rows,
    [property: Id(1)] int Epochs,
    [property: Id(2)] int BestEpoch,
    [property: Id(3)] double TrainingMse,
    [property: Id(4)] double ValidationMse,
    [property: Id(5)] double Seconds);
