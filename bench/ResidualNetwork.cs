using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Bench;

/// <summary>
/// A residual network for 3 x 32 x 32 images in the layout of He et al. 2016: a stem with stride and pooling, four stages of two basic
/// blocks whose first halves the resolution, batch norms, global mean pooling, one output. 16, 32, 48 and 72 channels make 295 thousand parameters.
/// </summary>
internal sealed class ResidualNetwork
{
    private readonly ImmutableArray<NetworkNode>.Builder _nodes = ImmutableArray.CreateBuilder<NetworkNode>();

    public static SourceModel Model()
    {
        NetworkSpec spec = new ResidualNetwork().Build([16, 32, 48, 72]);
        return new SourceModel(NetworkWeights.Initialise(spec, seed: 1), Standardisation.Identity(spec.InputWidth), Standardisation.Identity(1));
    }

    private NetworkSpec Build(int[] widths)
    {
        string x = Relu("stem.relu", Norm("stem.norm", Convolve("stem.conv", "image", widths[0], kernel: 3, stride: 2)));
        _nodes.Add(new PoolNode { Name = "stem.pool", Inputs = [x], Function = Pooling.Max, Kernel = [3, 3], Stride = [2, 2], Padding = [1, 1] });
        x = "stem.pool";
        for (int stage = 0; stage < widths.Length; stage++)
        {
            for (int block = 0; block < 2; block++)
            {
                bool halves = block == 0 && stage > 0;
                x = Block($"stage{stage}.{block}", x, widths[stage], halves ? 2 : 1, projects: halves);
            }
        }

        _nodes.Add(new AdaptivePoolNode { Name = "pool", Inputs = [x], Function = Pooling.Mean, Size = [1, 1] });
        _nodes.Add(new ReshapeNode { Name = "flat", Inputs = ["pool"], Shape = [-1] });
        _nodes.Add(new LinearNode { Name = "head", Inputs = ["flat"], Outputs = 1 });
        return new NetworkSpec([new NetworkInput("image", [3, 32, 32])], _nodes.DrainToImmutable(), "head");
    }

    private string Block(string name, string x, int width, int stride, bool projects)
    {
        string y = Relu($"{name}.relu1", Norm($"{name}.norm1", Convolve($"{name}.conv1", x, width, 3, stride)));
        y = Norm($"{name}.norm2", Convolve($"{name}.conv2", y, width, 3, 1));
        string skip = projects ? Norm($"{name}.norm0", Convolve($"{name}.conv0", x, width, 1, stride)) : x;
        _nodes.Add(new ArithmeticNode { Name = $"{name}.add", Inputs = [y, skip], Function = ArithmeticFunction.Add });
        return Relu($"{name}.relu2", $"{name}.add");
    }

    private string Convolve(string name, string x, int width, int kernel, int stride) => Add(new ConvolutionNode
    {
        Name = name,
        Inputs = [x],
        Outputs = width,
        Kernel = [kernel, kernel],
        Stride = [stride, stride],
        Padding = [kernel / 2, kernel / 2],
        HasBias = false,
    });

    private string Norm(string name, string x) => Add(new BatchNormNode { Name = name, Inputs = [x] });

    private string Relu(string name, string x) => Add(new ActivationNode { Name = name, Inputs = [x], Function = Activation.ReLU });

    private string Add(NetworkNode node)
    {
        _nodes.Add(node);
        return node.Name;
    }
}
