namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>An iterative solve that is under way.</summary>
/// <param name="Key">The key of its coordinator.</param>
/// <param name="Plan">What it computes.</param>
/// <param name="Progress">Where it stands.</param>
/// <param name="Attempts">How often it was taken up without progress in between; the first time counts.</param>
[GenerateSerializer, Immutable, Alias("adapt.SolveDescription")]
public sealed record SolveDescription(
    [property: Id(0)] string Key,
    [property: Id(1)] SolvePlanDescription Plan,
    [property: Id(2)] SolveProgressMessage Progress,
    [property: Id(3)] int Attempts)
{
    /// <summary>Steps of the recurrence so far.</summary>
    public int Iteration => Progress.Iteration;

    /// <summary>The relative residual, as the recurrence has it.</summary>
    public double Residual => Progress.RelativeResidual;
}
