using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Planning;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Numerics.Tests.Planning;

/// <summary>What is chosen for which task, and what is said of what does not fit.</summary>
public sealed class SolvePlannerTests
{
    private static readonly NetworkSpec s_small = NetworkSpec.Mlp(13, [64, 64], 1, Activation.Tanh); // 5,121 parameters
    private static readonly NetworkSpec s_wide = NetworkSpec.Mlp(16, [500, 500], 1, Activation.Tanh); // 259,501 parameters

    [Theory]
    [InlineData(2)]
    [InlineData(32)]
    [InlineData(2_048)]
    public void Plan_FewObservations_IsDirect(int rows)
    {
        PlanChoice choice = Plan(s_small, rows, Devices(1, 8L << 30));

        Assert.Null(choice.Chosen.Plan);
        Assert.Contains("direct", choice.Chosen.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_MillionsOfRows_IsParameterSpaceWithFactorsKept()
    {
        PlanChoice choice = Plan(s_small, 3_000_000, Devices(1, 8L << 30));

        Assert.Equal(SolveLayout.ParameterSpace, choice.Chosen.Plan!.Layout);
        Assert.True(choice.Chosen.Plan.KeepsFactors);
        Assert.Equal(PreconditionerKind.SampledGram, choice.Chosen.Plan.Preconditioner);
    }

    [Fact]
    public void Plan_MillionsOfRowsInLittleMemory_Recomputes()
    {
        PlanChoice choice = Plan(s_small, 3_000_000, Devices(1, 2L << 30));

        Assert.False(choice.Chosen.Plan!.KeepsFactors);
        PlanCandidate kept = choice.Candidates.First(c => c.Plan is { Layout: SolveLayout.ParameterSpace, KeepsFactors: true });
        Assert.Contains("has 2.1 GB for solves", kept.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8_000)]
    [InlineData(20_000)]
    public void Plan_ManyParametersAndThousandsOfRows_IsDirectInSingle(int rows)
    {
        PlanChoice choice = Plan(s_wide, rows, Devices(1, 12L << 30));

        Assert.Null(choice.Chosen.Plan);
        Assert.True(choice.Chosen.IsRefined);
    }

    [Fact]
    public void Plan_SeveralDevices_ShardsCoverTheRowsInProportionToSpeed()
    {
        PlanDevice[] devices = [new("a", 3e11, 1.5e11, 8L << 30, 8L << 30), new("b", 1e11, 5e10, 8L << 30, 8L << 30)];

        PlanChoice choice = SolvePlanner.Plan(s_small, PriorOf(s_small), 3_000_000, devices, new PlanOptions { Layout = SolveLayout.ParameterSpace, Shards = 2 });

        Assert.Equal([2_250_000, 750_000], choice.Chosen.Plan!.Shards.Select(shard => shard.Count));
        Assert.Equal(3_000_000, choice.Chosen.Plan.Rows);
    }

    [Fact]
    public void Plan_NothingFits_NamesTheSmallestWay()
    {
        PlanInfeasibleException error = Assert.Throws<PlanInfeasibleException>(() => Plan(s_small, 3_000_000, Devices(1, 100L << 20)));

        Assert.Contains("the smallest, parameter space, 1 shard, recomputed, needs", error.Message, StringComparison.Ordinal);
        Assert.Contains("--solve-memory-mb", error.Message, StringComparison.Ordinal);
        Assert.True(error.NeededBytes > 100L << 20);
    }

    [Fact]
    public void Explain_NothingFits_ShowsEveryWayAndWhyNot()
    {
        PlanOutlook outlook = SolvePlanner.Explain(s_small, PriorOf(s_small), 3_000_000, Devices(1, 100L << 20), new PlanOptions());

        Assert.Null(outlook.Chosen);
        Assert.All(outlook.Candidates, candidate => Assert.False(string.IsNullOrEmpty(candidate.Reason)));
    }

    [Theory]
    [InlineData(SolveLayout.KernelRows)]
    [InlineData(SolveLayout.ParameterSpace)]
    public void Plan_ForcedLayout_CountsBytesAndMessagesOfAStep(SolveLayout layout)
    {
        const int rows = 40_000;
        PlanCandidate chosen = SolvePlanner.Plan(
            s_small, PriorOf(s_small), rows, Devices(2, 16L << 30), new PlanOptions { Layout = layout, Shards = 2, MessageBytes = 1 << 20 }).Chosen;

        // The block out to each shard in fp32, and back its rows in fp32 or its sums in fp64; 1 MiB a message.
        long columns = 1 + chosen.Plan!.Probes;
        long length = layout == SolveLayout.KernelRows ? rows : s_small.ParameterCount;
        long there = 4 * length * columns;
        long[] back = layout == SolveLayout.KernelRows ? [2 * length * columns, 2 * length * columns] : [8 * length * columns, 8 * length * columns];
        Assert.Equal((2 * there) + back.Sum(), chosen.BytesPerIteration);
        Assert.Equal((2 * Parts(there)) + back.Sum(Parts), chosen.MessagesPerIteration);

        static int Parts(long bytes) => (int)((bytes + (1 << 20) - 1) >> 20);
    }

    [Fact]
    public void Plan_IndependentOutputsTooManyForADirectSolve_SaysWhy()
    {
        NetworkSpec spec = NetworkSpec.Mlp(4, [200, 200], 3, Activation.Tanh);
        Prior prior = PriorOf(spec) with { Coupling = OutputCoupling.Independent };

        PlanInfeasibleException error = Assert.Throws<PlanInfeasibleException>(() => SolvePlanner.Plan(spec, prior, 200_000, Devices(1, 8L << 30), new PlanOptions()));

        Assert.Contains("independent outputs", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(10, 3)]
    [InlineData(7, 7)]
    [InlineData(1_000_003, 5)]
    public void Cut_AnyWeights_CoversTheRowsInOrder(int rows, int shards)
    {
        double[] weights = [.. Enumerable.Range(0, shards).Select(s => 1.0 + (s % 3))];

        var ranges = RowRange.Cut(rows, weights);

        Assert.Equal(shards, ranges.Length);
        Assert.Equal(0, ranges[0].Start);
        Assert.All(ranges, range => Assert.True(range.Count >= 1));
        Assert.All(ranges.Zip(ranges.Skip(1)), pair => Assert.Equal(pair.First.Start + pair.First.Count, pair.Second.Start));
        Assert.Equal(rows, ranges[^1].Start + ranges[^1].Count);
    }

    [Fact]
    public void Cut_MoreShardsThanRows_IsRefused() => Assert.Throws<ArgumentException>(() => RowRange.Cut(2, [1, 1, 1]));

    private static PlanChoice Plan(NetworkSpec spec, int rows, PlanDevice[] devices) =>
        SolvePlanner.Plan(spec, PriorOf(spec), rows, devices, new PlanOptions());

    private static Prior PriorOf(NetworkSpec spec) => Prior.Uniform(spec, 0.01, 0.1);

    private static PlanDevice[] Devices(int count, long bytes) =>
        [.. Enumerable.Range(0, count).Select(i => new PlanDevice($"device {i}", 1.4e11, 7e10, bytes, bytes))];
}
