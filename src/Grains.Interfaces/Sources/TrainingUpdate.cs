namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>How far training has come.</summary>
/// <param name="Epoch">Passes over the data so far.</param>
/// <param name="Epochs">The most passes there will be.</param>
/// <param name="TrainingLoss">Mean squared error of the last pass, standardised units.</param>
/// <param name="ValidationLoss">Mean squared error on the held-out rows, standardised units.</param>
/// <param name="Registered">With the last update: the source as registered, durable by then.</param>
[GenerateSerializer, Immutable, Alias("adapt.TrainingUpdate")]
public sealed record TrainingUpdate(
    [property: Id(0)] int Epoch,
    [property: Id(1)] int Epochs,
    [property: Id(2)] double TrainingLoss,
    [property: Id(3)] double ValidationLoss,
    [property: Id(4)] SourceDescription? Registered);
