using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>What all parts of a fit have in common, as the fit sees them.</summary>
/// <param name="Key">The fit's key.</param>
/// <param name="Order">What it is.</param>
/// <param name="Spec">The source network.</param>
/// <param name="Services">What its silo has.</param>
internal sealed record PriorFitContext(string Key, PriorFitOrder Order, NetworkSpec Spec, PriorFitServices Services)
{
    public SolveOptions Options => Services.Shards.Options.Value;

    public TimeProvider Clock => Services.Shards.Clock;
}
