using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Solves;

/// <summary>What must hold before anything is computed.</summary>
internal static class SolveChecks
{
    /// <exception cref="ArgumentException">It does not.</exception>
    internal static void Require(SourceModel model, Prior prior, SolvePlan plan)
    {
        prior.Validate(model.Spec);
        plan.Validate();
        if (prior.HasMoves)
        {
            throw new ArgumentException("A prior with a learned shift or directions is solved directly, in fp64: use TaskPosterior.Fit.", nameof(prior));
        }

        if (prior.Coupling == OutputCoupling.Independent && model.Spec.Outputs > 1)
        {
            throw new ArgumentException("Independent outputs are solved one by one, directly; an iterative solve needs coupled ones.", nameof(prior));
        }
    }

    internal static ArgumentException Unfit(ShardRequest request, string layout) =>
        new($"'{request.Question}' is no question to a shard of the layout '{layout}'.", nameof(request));
}
