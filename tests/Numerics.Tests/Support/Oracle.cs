using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Priors;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Support;

/// <summary>The dense answer in fp64: a Jacobian by automatic differentiation, one backward pass per row and output, and textbook formulas.</summary>
internal static class Oracle
{
    /// <summary>The standardised outputs [n, c] and the Jacobian [n c, p], in <paramref name="dtype"/>. In the caller's scope.</summary>
    public static (torch.Tensor Output, torch.Tensor Jacobian) Linearise(SourceModel model, RowMatrix x, torch.ScalarType dtype = torch.ScalarType.Float64)
    {
        RowMatrix standardised = model.InputStandardisation.Apply(x);
        torch.Tensor parameters = torch.tensor(model.Weights.Values, dtype: dtype).requires_grad_();
        var outputs = new List<torch.Tensor>();
        var rows = new List<torch.Tensor>();
        for (int i = 0; i < x.Rows; i++)
        {
            torch.Tensor input = torch.tensor(standardised.Row(i).ToArray(), [1, x.Columns], dtype: dtype);
            torch.Tensor output = Forward(model.Spec, parameters, input);
            outputs.Add(output.detach());
            for (int o = 0; o < model.Spec.Outputs; o++)
            {
                parameters.grad?.zero_();
                output[0, o].backward(retain_graph: true);
                rows.Add(parameters.grad!.clone());
            }
        }

        return (torch.cat(outputs, dim: 0), torch.stack(rows, dim: 0).detach());
    }

    /// <summary>The network as a function of its flat parameters, with torch's own activations.</summary>
    public static torch.Tensor Forward(NetworkSpec spec, torch.Tensor parameters, torch.Tensor x)
    {
        Dictionary<string, ParameterBlock> blocks = spec.Blocks.ToDictionary(b => b.Name);
        foreach (NetworkNode node in spec.Nodes)
        {
            switch (node)
            {
                case LinearNode linear:
                    ParameterBlock weight = blocks[$"{linear.Name}.weight"];
                    ParameterBlock bias = blocks[$"{linear.Name}.bias"];
                    torch.Tensor w = parameters.narrow(0, weight.Offset, weight.Count).view(weight.Shape[0], weight.Shape[1]);
                    x = torch.mm(x, w.t()) + parameters.narrow(0, bias.Offset, bias.Count);
                    break;
                case ActivationNode { Function: var function }:
                    x = Apply(function, x);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(spec));
            }
        }

        return x;
    }

    private static torch.Tensor Apply(Activation function, torch.Tensor z) => function switch
    {
        Activation.Tanh => z.tanh(),
        Activation.ReLU => torch.nn.functional.relu(z),
        Activation.GELU => z * 0.5 * (1 + (z / Math.Sqrt(2)).erf()),
        Activation.GELUTanh => 0.5 * z * (1 + torch.tanh(Math.Sqrt(2 / Math.PI) * (z + (0.044715 * z * z * z)))),
        Activation.SiLU => z / (1 + (-z).exp()),
        Activation.Sigmoid => 1 / (1 + (-z).exp()),
        Activation.LeakyReLU => torch.where(z > 0, z, 0.01 * z),
        Activation.ELU => torch.where(z > 0, z, z.clamp(max: 0).exp() - 1),
        Activation.Softplus => (1 + z.exp()).log(),
        Activation.HardSwish => z * torch.clamp(z + 3, 0, 6) / 6,
        Activation.HardSigmoid => torch.clamp(z + 3, 0, 6) / 6,
        _ => throw new ArgumentOutOfRangeException(nameof(function)),
    };

    /// <summary>D as a vector, [p].</summary>
    public static torch.Tensor ParameterVariances(NetworkSpec spec, IReadOnlyList<double> scales) =>
        torch.cat([.. spec.Blocks.Select((b, i) => torch.full([b.Count], scales[i], dtype: torch.ScalarType.Float64))], dim: 0);

    /// <summary>J D J'^T.</summary>
    public static torch.Tensor Kernel(torch.Tensor j, torch.Tensor other, torch.Tensor variances) => torch.mm(j * variances, other.t());

    /// <summary>The diagonal of Sigma, [n c].</summary>
    public static torch.Tensor Noise(Prior prior, int rows, int outputs) =>
        torch.tensor(Enumerable.Range(0, rows * outputs).Select(i => prior.NoiseOf(i % outputs)).ToArray(), dtype: torch.ScalarType.Float64);

    /// <summary>Largest difference over the larger of 1 and the largest expected magnitude.</summary>
    public static double RelativeError(torch.Tensor expected, torch.Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        torch.Tensor e = expected.to(torch.ScalarType.Float64);
        double scale = Math.Max(1, e.abs().max().item<double>());
        return (e - actual.to(torch.ScalarType.Float64)).abs().max().item<double>() / scale;
    }
}
