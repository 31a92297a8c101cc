using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Numerics.Tests.Networks;

public sealed class IndexColumnsTests
{
    [Fact]
    public void IndexBounds_IndicesThatAreMovedAround_AreFollowedToTheirColumns()
    {
        // Columns: 2 numbers, then indices [2, 3] whose last column looks up a smaller table as well.
        var spec = new NetworkSpec(
            [new NetworkInput("numbers", [2]), new NetworkInput("indices", [2, 3])],
            [
                new TransposeNode { Name = "turned", Inputs = ["indices"], Order = [1, 0] },
                new ReshapeNode { Name = "flat", Inputs = ["turned"], Shape = [-1] },
                new EmbeddingNode { Name = "all", Inputs = ["flat"], Vocabulary = 9, Width = 2 },
                new SliceNode { Name = "last", Inputs = ["turned"], Axis = 0, Start = 2, End = 3 },
                new EmbeddingNode { Name = "few", Inputs = ["last"], Vocabulary = 4, Width = 2 },
                new ReshapeNode { Name = "a", Inputs = ["all"], Shape = [-1] },
                new ReshapeNode { Name = "b", Inputs = ["few"], Shape = [-1] },
                new ConcatNode { Name = "joined", Inputs = ["numbers", "a", "b"], Axis = 0 },
                new LinearNode { Name = "out", Inputs = ["joined"], Outputs = 1 },
            ],
            "out");

        Assert.Equal([0, 0, 9, 9, 4, 9, 9, 4], spec.IndexBounds);
    }

    [Fact]
    public void IndexBounds_PickedAndJoinedColumns_AreFollowed()
    {
        var spec = new NetworkSpec(
            [new NetworkInput("x", [4])],
            [
                new GatherNode { Name = "picked", Inputs = ["x"], Axis = 0, Indices = [3, 1] },
                new SliceNode { Name = "first", Inputs = ["x"], Axis = 0, Start = 0, End = 1 },
                new ConcatNode { Name = "joined", Inputs = ["first", "picked"], Axis = 0 },
                new EmbeddingNode { Name = "table", Inputs = ["joined"], Vocabulary = 5, Width = 1 },
                new ReshapeNode { Name = "flat", Inputs = ["table"], Shape = [-1] },
                new LinearNode { Name = "out", Inputs = ["flat"], Outputs = 1 },
            ],
            "out");

        Assert.Equal([5, 5, 0, 5], spec.IndexBounds);
    }

    [Fact]
    public void IndexBounds_IndicesThatAreComputed_AreNoColumns()
    {
        var spec = new NetworkSpec(
            [new NetworkInput("x", [2])],
            [
                new ElementwiseNode { Name = "positive", Inputs = ["x"], Function = ElementFunction.Abs },
                new EmbeddingNode { Name = "table", Inputs = ["positive"], Vocabulary = 5, Width = 1 },
                new ReshapeNode { Name = "flat", Inputs = ["table"], Shape = [-1] },
                new LinearNode { Name = "out", Inputs = ["flat"], Outputs = 1 },
            ],
            "out");

        Assert.Equal([0, 0], spec.IndexBounds);
        Assert.Empty(NetworkSpec.Mlp(2, [3], 1, Activation.Tanh).IndexBounds);
    }
}
