using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Networks;

public sealed class SourceNetworkTests
{
    [Theory]
    [InlineData(3, -1.0)]
    [InlineData(9_000, 5.0)] // in the second chunk of an evaluation
    [InlineData(9_999, 1.5)]
    [InlineData(0, 1e18)]
    public void Evaluate_AnIndexThatIsNone_NamesRowAndNode(int row, double index)
    {
        Case c = Cases.Build(Chains.Of([2], 1, new EmbeddingNode { Name = "words", Vocabulary = 5, Width = 3 }), 3, 1, 1);
        using SourceNetwork network = Cases.Network(c);
        var values = new double[20_000];
        values[(2 * row) + 1] = index;
        var x = new RowMatrix(10_000, 2, values);
        foreach (Action action in new Action[] { () => network.Evaluate(x), () => network.Linearise(x) })
        {
            string message = Assert.Throws<ArgumentException>(action).Message;
            Assert.Contains($"Row {row}: 'words' looks up {index}", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Evaluate_AnOverflow_NamesTheRow()
    {
        ElementwiseNode[] squares = [.. Enumerable.Range(0, 4).Select(i => new ElementwiseNode { Name = $"s{i}", Function = ElementFunction.Square })];
        Case c = Cases.Build(new NetworkSpec([new NetworkInput("x", [2])], Chains.Connect("x", [new LinearNode { Name = "a", Outputs = 2 }, .. squares]), "s3"), 3, 1, 1);
        using SourceNetwork network = Cases.Network(c);
        var x = new RowMatrix(3, 2, [0, 0, 1, 1, 1e60, -2e60]);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Assert.Equal(2, Assert.Throws<NonFiniteOutputException>(() => network.Evaluate(x)).Row);
        Assert.Equal(2, Assert.Throws<NonFiniteOutputException>(() => network.Linearise(x)).Row);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Evaluate_NoRows_GivesNone()
    {
        Case c = Cases.Build(Chains.Of([2, 5], 2, new ConvolutionNode { Name = "a", Outputs = 2, Kernel = [3] }), 3, 1, 1);
        using SourceNetwork network = Cases.Network(c);
        Assert.Equal((0, 2), (network.Evaluate(new RowMatrix(0, 10, [])).Rows, network.Evaluate(new RowMatrix(0, 10, [])).Columns));
        Assert.Throws<ArgumentException>(() => network.Linearise(new RowMatrix(0, 10, [])));
        Assert.Throws<ArgumentException>(() => network.Linearise(new RowMatrix(1, 9, new double[9])));
    }

    [Fact]
    public void Linearise_ParametersThatOnlyChooseIndices_HasZeroRows()
    {
        // The index is p - p: no derivative passes through a look-up.
        var spec = new NetworkSpec(
            [new NetworkInput("x", [1])],
            [
                new ParameterNode { Name = "p", Shape = [1] },
                new ArithmeticNode { Name = "zero", Inputs = ["p", "p"], Function = ArithmeticFunction.Subtract },
                new EmbeddingNode { Name = "e", Inputs = ["zero"], Vocabulary = 1, Width = 2 },
                new ReshapeNode { Name = "r", Inputs = ["e"], Shape = [2] },
                new ArithmeticNode { Name = "y", Inputs = ["r", "x"], Function = ArithmeticFunction.Add },
            ],
            "y",
            ["e.weight"]);
        Case c = Cases.Build(spec, 3, 3, 1);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors factors = network.Linearise(c.X);
        Assert.Equal(0, factors.ToDense().abs().max().item<double>());
        Assert.Equal(0, factors.Gram([1]).abs().max().item<double>());
    }

    [Fact]
    public void Linearise_ManyTimes_HoldsNoMoreMemory()
    {
        Case c = Cases.Build(Chains.Of([3, 16, 16], 2, new ConvolutionNode { Name = "a", Outputs = 8, Kernel = [3, 3] }, new BatchNormNode { Name = "n" }, new ActivationNode { Name = "f", Function = Activation.GELU }, new AdaptivePoolNode { Name = "p", Function = Pooling.Mean, Size = [2, 2] }), 3, 64, 1);
        using SourceNetwork network = Cases.Network(c);
        Run(20);
        long before = Environment.WorkingSet;
        Run(150); // about 40 MB of values and cotangents each
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 400L << 20);

        void Run(int times)
        {
            for (int i = 0; i < times; i++)
            {
                using JacobianFactors factors = network.Linearise(c.X);
                using torch.Tensor kernel = factors.Gram(c.Prior.BlockScales.AsSpan());
            }
        }
    }
}
