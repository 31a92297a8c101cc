namespace AdaptCluster.Numerics.Errors;

/// <summary>No way to solve a task fits the devices' memory.</summary>
/// <param name="message">What the smallest alternative needs, and what there is.</param>
/// <param name="neededBytes">The memory of the smallest alternative, on one device.</param>
public sealed class PlanInfeasibleException(string message, long neededBytes) : NumericsException(message)
{
    /// <summary>The memory that the smallest alternative needs on one device, in bytes.</summary>
    public long NeededBytes { get; } = neededBytes;
}
