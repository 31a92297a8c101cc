using AdaptCluster.Numerics.Tests.Support;
using CsCheck;

namespace AdaptCluster.Numerics.Tests.Jacobians;

/// <summary>The suite for random networks: any depth, branches, skips, shared and frozen parameters.</summary>
public sealed class RandomGraphSuite : JacobianSuite
{
    private const int Samples = 40;

    private static readonly Gen<Case> Graphs =
        from spec in RandomGraph.Specs
        from seed in Gen.Int[0, 1_000_000]
        from rows in Gen.Int[1, 6]
        from others in Gen.Int[1, 4]
        select Cases.Build(spec, seed, rows, others);

    private protected override void ForAllCases(Action<Case> check) => Graphs.Sample(check, iter: Samples, threads: 1);
}
