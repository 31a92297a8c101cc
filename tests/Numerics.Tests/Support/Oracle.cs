using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
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
        var network = new GraphOracle(model.Spec, parameters, torch.tensor(model.Weights.FixedValues, dtype: dtype));
        var outputs = new List<torch.Tensor>();
        var rows = new List<torch.Tensor>();
        for (int i = 0; i < x.Rows; i++)
        {
            torch.Tensor output = network.Row(torch.tensor(standardised.Row(i).ToArray(), dtype: dtype));
            outputs.Add(output.detach());
            for (int o = 0; o < model.Spec.Outputs; o++)
            {
                parameters.grad?.zero_();
                output[o].backward(retain_graph: true);
                rows.Add(parameters.grad!.clone());
            }
        }

        return (torch.stack(outputs, dim: 0), torch.stack(rows, dim: 0).detach());
    }

    /// <summary>The network as a function of its flat parameters, for standardised rows [n, d].</summary>
    public static torch.Tensor Forward(NetworkSpec spec, torch.Tensor parameters, torch.Tensor x, float[]? fixedValues = null)
    {
        var network = new GraphOracle(spec, parameters, torch.tensor(fixedValues ?? [], dtype: x.dtype));
        return torch.stack([.. Enumerable.Range(0, (int)x.shape[0]).Select(i => network.Row(x.select(0, i)))], dim: 0);
    }

    /// <summary>D as a vector, [p].</summary>
    public static torch.Tensor ParameterVariances(NetworkSpec spec, IReadOnlyList<double> scales) =>
        torch.cat([.. spec.Blocks.Select((b, i) => torch.full([b.Count], scales[i], dtype: torch.ScalarType.Float64))], dim: 0);

    /// <summary>J D J'^T.</summary>
    public static torch.Tensor Kernel(torch.Tensor j, torch.Tensor other, torch.Tensor variances) => torch.mm(j * variances, other.t());

    /// <summary>The diagonal of Sigma, [n c].</summary>
    public static torch.Tensor Noise(Prior prior, int rows, int outputs) =>
        torch.tensor(Enumerable.Range(0, rows * outputs).Select(i => prior.NoiseOf(i % outputs)).ToArray(), dtype: torch.ScalarType.Float64);

    /// <summary>Largest difference over the largest expected magnitude, or over a thousandth where all is smaller.</summary>
    public static double StrictError(torch.Tensor expected, torch.Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        torch.Tensor e = expected.to(torch.ScalarType.Float64);
        double error = (e - actual.to(torch.ScalarType.Float64)).abs().max().item<double>();
        Assert.False(double.IsNaN(error), "not a number");
        return error / Math.Max(1e-3, e.abs().max().item<double>());
    }

    /// <summary>Largest difference over the larger of 1 and the largest expected magnitude.</summary>
    public static double RelativeError(torch.Tensor expected, torch.Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        torch.Tensor e = expected.to(torch.ScalarType.Float64);
        double scale = Math.Max(1, e.abs().max().item<double>());
        return (e - actual.to(torch.ScalarType.Float64)).abs().max().item<double>() / scale;
    }
}
