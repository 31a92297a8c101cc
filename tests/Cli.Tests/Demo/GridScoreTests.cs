using AdaptCluster.Cli.Demo;

namespace AdaptCluster.Cli.Tests.Demo;

public sealed class GridScoreTests
{
    [Fact]
    public void Grid_TwoEnds_AreBothOnIt()
    {
        double[] grid = GridScore.Grid(-1, 3, 5);
        Assert.Equal([-1, 0, 1, 2, 3], grid);
    }
}
