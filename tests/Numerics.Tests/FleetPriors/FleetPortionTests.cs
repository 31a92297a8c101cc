using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;

namespace AdaptCluster.Numerics.Tests.FleetPriors;

/// <summary>A fleet in portions, wherever they are, is the fleet.</summary>
public sealed class FleetPortionTests
{
    /// <summary>Sums in another order.</summary>
    private const double Rounding = 1e-11;

    private static readonly NetworkSpec Spec = NetworkSpec.Mlp(2, [8], 1, Activation.Tanh);
    private static readonly Prior Truth = new([0.3, 0.02, 0.1, 0.5], [0.05], PriorMean.Source);
    private static readonly int[] Rows = [12, 5, 1, 300, 12, 7, 7, 12, 40, 3];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Portions_Summed_AreTheWholeFleet(bool hasMoves)
    {
        Case c = Cases.Build(Spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        var options = new FleetFitOptions { MaxRowsPerTask = 280 };
        List<TaskData> tasks = Fleets.Draw(network, Truth, Rows, seed: 4);
        using var whole = new FleetEvidence(network, tasks, options);
        var random = new SeededRandom(5, 1);
        Prior prior = hasMoves ? Truth with { Shift = [.. random.Normals(Spec.ParameterCount)], Directions = [.. random.Normals(2 * Spec.ParameterCount)] } : Truth;
        var heldOut = new HashSet<int> { 1, 4, 8 };
        FleetEvidenceValue expected = whole.Evaluate(prior, heldOut);

        int first = 0;
        var values = new List<FleetEvidenceValue>();
        var members = new List<FleetMember>();
        var portions = new List<FleetPortion>();
        foreach (int count in (int[])[3, 1, 4, 2])
        {
            var portion = new FleetPortion(network, tasks.GetRange(first, count), first, options);
            while (!portion.Prepare())
            {
            }

            portions.Add(portion);
            members.AddRange(portion.Members);
            first += count;
        }

        var roster = new FleetRoster(members);
        foreach (FleetPortion portion in portions)
        {
            FleetPass pass = portion.Begin(prior, heldOut, roster.Excluded.Select(task => task.Task).ToHashSet());
            while (!pass.Advance())
            {
            }

            values.Add(pass.Result());
            portion.Dispose();
        }

        FleetEvidenceValue sum = values.Aggregate((left, right) => left + right);
        Assert.Equal(whole.Excluded, roster.Excluded);
        Assert.Equal([2], roster.Excluded.Select(task => task.Task));
        Assert.Equal(whole.Summary.Observations, roster.Summary.Observations);
        AssertClose([whole.Summary.SourceSquares, whole.Summary.MeanSquares, .. whole.Summary.BlockVariances], [roster.Summary.SourceSquares, roster.Summary.MeanSquares, .. roster.Summary.BlockVariances]);
        Assert.Equal(expected.Sum.Observations, sum.Sum.Observations);
        Assert.Equal(expected.Tasks.Select(task => (task.Task, task.Observations)), sum.Tasks.Select(task => (task.Task, task.Observations)));
        AssertClose([expected.Sum.LogEvidence], [sum.Sum.LogEvidence]);
        AssertClose(expected.Sum.Gradient.LogBlockScales, sum.Sum.Gradient.LogBlockScales);
        AssertClose(expected.Information, sum.Information);
        AssertClose(expected.Moves, sum.Moves);
    }

    [Fact]
    public void Begin_NoTaskOfThePortionTakesPart_AddsNothing()
    {
        Case c = Cases.Build(Spec, seed: 3, rows: 1, others: 1);
        using SourceNetwork network = Cases.Network(c);
        using var portion = new FleetPortion(network, Fleets.Draw(network, Truth, [4, 4], seed: 4), 7, new FleetFitOptions());
        while (!portion.Prepare())
        {
        }

        FleetPass pass = portion.Begin(Truth, skipped: new HashSet<int> { 7, 8, 9 });
        while (!pass.Advance())
        {
        }

        FleetEvidenceValue value = pass.Result();
        Assert.Equal((0, 0.0), (value.Sum.Observations, value.Sum.LogEvidence));
        Assert.Empty(value.Tasks);
        Assert.All(value.Information, number => Assert.Equal(0, number));
    }

    [Theory]
    [InlineData(1e12, 16, 1)]
    [InlineData(1, 16, 10)]
    [InlineData(1, 4, 4)]
    public void Cut_AnyFleet_ConsecutivePortionsOfSimilarWork(double flops, int most, int portions)
    {
        ImmutableArray<int> cut = FleetPartition.Cut(Spec, Rows, new FleetFitOptions(), flops, most);

        Assert.Equal(portions, cut.Length);
        Assert.Equal(Rows.Length, cut.Sum());
        Assert.All(cut, count => Assert.True(count > 0));
    }

    [Fact]
    public void Cut_EqualTasks_EqualPortions() =>
        Assert.Equal([25, 25, 25, 25], FleetPartition.Cut(Spec, [.. Enumerable.Repeat(9, 100)], new FleetFitOptions(), 1, 4));

    private static void AssertClose(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        double size = expected.Select(Math.Abs).DefaultIfEmpty(0).Max();
        Assert.All(Enumerable.Range(0, expected.Count), i => Assert.Equal(expected[i], actual[i], Rounding * (1 + size)));
    }
}
