using AdaptCluster.Grains.Interfaces.Solves;

namespace AdaptCluster.Grains.Tasks;

/// <summary>How a task is to be solved.</summary>
/// <param name="Solve">The iterative solve; null for a direct one.</param>
/// <param name="IsRefined">Of a direct solve: whether in fp32 with refinement, a part at a time.</param>
internal sealed record TaskPlan(SolvePlanDescription? Solve, bool IsRefined)
{
    /// <summary>Directly, in fp64.</summary>
    public static TaskPlan Direct { get; } = new(null, false);
}
