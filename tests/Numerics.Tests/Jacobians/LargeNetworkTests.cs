using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tensors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Jacobians;

/// <summary>
/// Sizes at which work is cut: many rows, wide blocks, many columns. The small suite has shown that a few rows' factors are right, so their
/// rows of J are what is compared with here.
/// </summary>
public sealed class LargeNetworkTests
{
    private const double Tight = 1e-9;

    public LargeNetworkTests() => TorchRuntime.UseThreadsFor(flops: 0, most: 1);

    private static readonly NetworkSpec Mixed = new(
        [new NetworkInput("x", [2, 12]), new NetworkInput("tokens", [3])],
        Chains.Connect(
            "x",
            new LinearNode { Name = "pairs", Outputs = 14 },
            new LayerNormNode { Name = "rows" },
            new ReshapeNode { Name = "flat", Shape = [-1] },
            new EmbeddingNode { Name = "table", Inputs = ["tokens"], Vocabulary = 40, Width = 2 },
            new ReshapeNode { Name = "looked-up", Shape = [-1] },
            new ConcatNode { Name = "all", Inputs = ["flat", "looked-up"], Axis = 0 },
            new ActivationNode { Name = "squash", Function = Activation.Tanh },
            new LinearNode { Name = "dense", Outputs = 6 },
            new ActivationNode { Name = "again", Function = Activation.SiLU },
            new LinearNode { Name = "head", Outputs = 2 }),
        "head");

    [Fact]
    public void Kernels_ManyRowsOfEveryKindOfSite_MatchTheRows()
    {
        Assert.Equal([SiteKind.Dense, SiteKind.Positions, SiteKind.Table, SiteKind.Rows], Mixed.Sites.Select(s => s.Kind).Distinct().Order());
        foreach ((int rows, int others) in new[] { (150, 97), (96, 96), (60, 230), (301, 1) })
        {
            CheckKernels(Cases.Build(Mixed, 3, rows, others));
        }
    }

    [Fact]
    public void PositionSite_ByRowsAndPositions_TakesBothWays()
    {
        Case c = Cases.Build(Chains.Of([5, 20], 1, new LinearNode { Name = "a", Outputs = 20 }), 3, 5, 5);
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors factors = network.Linearise(c.X);
        PositionSite site = factors.Sites.ToArray().OfType<PositionSite>().Single();
        Assert.False(site.PrefersPairs(5));
        Case few = Cases.Build(Mixed, 3, 5, 5);
        using SourceNetwork fewNetwork = Cases.Network(few);
        using JacobianFactors fewFactors = fewNetwork.Linearise(few.X);
        Assert.True(fewFactors.Sites.ToArray().OfType<PositionSite>().Single().PrefersPairs(5));
    }

    [Fact]
    public void Kernels_ShortFactorsAgainstLong_AreCutAlike()
    {
        // 400 x 51 200 numbers are more than one panel, 3 x 51 200 are one.
        Case c = Cases.Build(Chains.Of([32, 64], 1, new LinearNode { Name = "a", Outputs = 800 }, new ReduceNode { Name = "r", Function = Reduction.Mean, Axes = [0] }), 3, 400, 3);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors factors = network.Linearise(c.X);
        using JacobianFactors others = network.Linearise(c.Other);
        PositionSite site = factors.Sites.ToArray().OfType<PositionSite>().Single();
        Assert.False(site.PrefersPairs(others.Rows));
        Assert.NotEqual(site.Panels(factors.Count), site.Panels(others.Count));
        torch.Tensor variances = Oracle.ParameterVariances(c.Spec, c.Prior.BlockScales);
        torch.Tensor expected = factors.Apply((others.ToDense() * variances).t().contiguous());
        Close(expected, factors.CrossGram(others, c.Prior.BlockScales.AsSpan()));
        Close(expected.t(), others.CrossGram(factors, c.Prior.BlockScales.AsSpan()));
        using JacobianFactors first = factors.Slice(0, 20);
        Close(expected.narrow(0, 0, 20), first.CrossGram(others, c.Prior.BlockScales.AsSpan()));
    }

    [Fact]
    public void RowSite_MoreColumnsThanAPanel_MatchesTheRows()
    {
        // A table that is a matrix as well has no factors: 6000 columns of its own beside 3600 and more.
        NetworkSpec spec = new(
            [new NetworkInput("tokens", [2])],
            Chains.Connect(
                "tokens",
                new EmbeddingNode { Name = "a", Vocabulary = 600, Width = 10, Weight = "one" },
                new LinearNode { Name = "a2", Outputs = 600, Weight = "one", Bias = "b" },
                new SoftmaxNode { Name = "s", Axis = 1 },
                new SliceNode { Name = "cut", Axis = 1, Start = 0, End = 60 },
                new LinearNode { Name = "m", Outputs = 60, Weight = "two" },
                new ParameterNode { Name = "p", Shape = [60, 60], Value = "two" },
                new MatMulNode { Name = "mm", Inputs = ["m", "p"] },
                new ReduceNode { Name = "r", Function = Reduction.Sum, Axes = [0] },
                new LinearNode { Name = "head", Outputs = 2 }),
            "head");
        Assert.True(spec.Sites.Where(s => s.Kind == SiteKind.Rows).Sum(s => spec.Blocks[s.Blocks[0]].Count) > 8192);
        CheckKernels(Cases.Build(spec, 4, 9, 4));
    }

    [Fact]
    public void Linearise_MoreRowsThanAChunk_IsTheSame()
    {
        // A constant counts as a million numbers per row, but takes no memory: one chunk has about twenty rows.
        NetworkSpec spec = Chains.Of(
            [3],
            2,
            new LinearNode { Name = "a", Outputs = 4 },
            new ConstantNode { Name = "much", Shape = [1 << 20] },
            new SliceNode { Name = "little", Axis = 0, Start = 7, End = 11 },
            new ArithmeticNode { Name = "product", Inputs = ["a", "little"], Function = ArithmeticFunction.Multiply });
        Case c = Cases.Build(spec, 5, 40, 3);
        Assert.InRange(new Linearisation(spec).ChunkRows, 2, 30);
        CheckKernels(c);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        (torch.Tensor output, torch.Tensor jacobian) = Oracle.Linearise(c.Model, c.X.Slice(35, 5));
        using JacobianFactors factors = network.Linearise(c.X);
        Close(output, factors.Output.narrow(0, 35, 5));
        Close(jacobian, factors.ToDense().narrow(0, 70, 10));
        Close(factors.Output.reshape(-1), torch.tensor(c.Model.OutputStandardisation.Apply(network.Evaluate(c.X)).Values));
        Assert.Throws<ArgumentException>(() => network.Linearise(new RowMatrix(0, 3, [])));
        Assert.Empty(network.Evaluate(new RowMatrix(0, 3, [])).Values);
    }

    [Fact]
    public void Products_ManyColumns_MatchTheRows()
    {
        // So many columns that each kind of site takes them, or its rows, in parts.
        NetworkSpec dense = NetworkSpec.Mlp(2, [200], 1, Activation.Tanh);
        NetworkSpec positions = Chains.Of([16, 6, 6], 1, new ConvolutionNode { Name = "a", Outputs = 40, Kernel = [3, 3] });
        Assert.Equal(SiteKind.Positions, positions.Sites[0].Kind);
        foreach ((NetworkSpec spec, int rows, int columns) in new[] { (dense, 100, 900), (positions, 60, 450) })
        {
            Case c = Cases.Build(spec, 5, rows, 1);
            using DisposeScope scope = torch.NewDisposeScope();
            using SourceNetwork network = Cases.Network(c);
            using JacobianFactors factors = network.Linearise(c.X);
            torch.Tensor j = factors.ToDense();
            torch.Tensor u = torch.tensor(new SeededRandom(1).Normals(spec.ParameterCount * columns), [spec.ParameterCount, columns]);
            torch.Tensor v = torch.tensor(new SeededRandom(2).Normals(factors.Count * columns), [factors.Count, columns]);
            Close(torch.mm(j, u), factors.Apply(u));
            Close(torch.mm(j.t(), v), factors.ApplyTranspose(v));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Apply_FiniteStepInParameters_IsTheDirectionalDerivative(int which)
    {
        NetworkSpec spec = new[]
        {
            Chains.Of([2, 5, 5], 2, new ConvolutionNode { Name = "a", Outputs = 3, Kernel = [3, 3], Padding = [1, 1] }, new BatchNormNode { Name = "n" }, new ActivationNode { Name = "f", Function = Activation.GELU }, new PoolNode { Name = "p", Function = Pooling.Mean, Kernel = [2, 2] }),
            Chains.Of([6], 1, new EmbeddingNode { Name = "a", Vocabulary = 9, Width = 3 }, new LayerNormNode { Name = "n", Epsilon = 0.1 }, new SoftmaxNode { Name = "s", Axis = 1 }),
            Chains.Of([4, 3], 3, new LinearNode { Name = "a", Outputs = 3, Weight = "w" }, new ActivationNode { Name = "f", Function = Activation.SiLU }, new LinearNode { Name = "b", Outputs = 3, Weight = "w" }, new GroupNormNode { Name = "n", Groups = 2, Epsilon = 0.1 }),
            Mixed,
        }[which];
        Case c = Cases.Build(spec, seed: 5, rows: 6, others: 1);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors factors = network.Linearise(c.X);
        torch.Tensor w = torch.tensor(c.Model.Weights.Values, dtype: torch.ScalarType.Float64);
        torch.Tensor u = torch.tensor(new SeededRandom(1).Normals(spec.ParameterCount));
        torch.Tensor x = torch.tensor(c.Model.InputStandardisation.Apply(c.X).Values, [6, spec.InputWidth]);
        const double Step = 1e-5;
        torch.Tensor difference = (Oracle.Forward(spec, w + (u * Step), x, c.Model.Weights.FixedValues) - Oracle.Forward(spec, w - (u * Step), x, c.Model.Weights.FixedValues)) / (2 * Step);

        // Central differences: error step^2 f''' / 6 and rounding 1e-16 / step, both about 1e-10 with |u|^3 about 1e3.
        Assert.InRange(Oracle.StrictError(difference.view(-1, 1), factors.Apply(u.view(-1, 1))), 0, 1e-6);
    }

    private static void CheckKernels(Case c)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors factors = network.Linearise(c.X);
        using JacobianFactors others = network.Linearise(c.Other);
        torch.Tensor j = Rows(network, c.X);
        torch.Tensor other = Rows(network, c.Other);
        ReadOnlySpan<double> scales = c.Prior.BlockScales.AsSpan();
        torch.Tensor d = Oracle.ParameterVariances(c.Spec, c.Prior.BlockScales);
        torch.Tensor k = Oracle.Kernel(j, j, d);
        Close(j, factors.ToDense());
        Close(k, factors.Gram(scales));
        Close(k.diagonal(), factors.Diagonal(scales));
        Close(Oracle.Kernel(j, other, d), factors.CrossGram(others, scales));
        Close(Oracle.Kernel(other, j, d), others.CrossGram(factors, scales));
        ImmutableArray<ParameterBlock> blocks = c.Spec.Blocks;
        torch.Tensor[] parts = [.. blocks.Select(b => j.narrow(1, b.Offset, b.Count))];
        Close(torch.stack([.. parts.Select(part => (torch.mm(part, part.t()) * k).sum([0L, 1L]))], dim: 0), factors.ContractBlocks(k));
        Close(torch.stack([.. parts.Select(part => part.square().sum([0L, 1L]))], dim: 0), factors.BlockTraces());
        using JacobianFactors last = factors.OfOutput(factors.Outputs - 1);
        torch.Tensor rows = j.view(factors.Rows, factors.Outputs, -1).select(1, factors.Outputs - 1);
        Close(Oracle.Kernel(rows, rows, d), last.Gram(scales));
        torch.Tensor v = torch.tensor(new SeededRandom(2).Normals(factors.Count * 2), [factors.Count, 2]);
        Close(torch.mm(j.t(), v), factors.ApplyTranspose(v));
        Close(torch.mm(Oracle.Kernel(other, j, d), v), factors.CrossApplyTranspose(others, scales, v, kernelNumbers: 5 * factors.Count));
    }

    // Three rows at a time.
    private static torch.Tensor Rows(SourceNetwork network, RowMatrix x)
    {
        var parts = new List<torch.Tensor>();
        for (int start = 0; start < x.Rows; start += 3)
        {
            using JacobianFactors factors = network.Linearise(x.Slice(start, Math.Min(3, x.Rows - start)));
            parts.Add(factors.ToDense());
        }

        return torch.cat(parts, dim: 0);
    }

    private static void Close(torch.Tensor expected, torch.Tensor actual) => Assert.InRange(Oracle.StrictError(expected, actual), 0, Tight);
}
