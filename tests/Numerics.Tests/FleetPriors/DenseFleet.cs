using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.FleetPriors;

/// <summary>
/// The fleet's evidence as one writes it down: a Jacobian by automatic differentiation row by row, dense covariances, derivatives by differentiating
/// through them, and BFGS.
/// </summary>
internal sealed class DenseFleet
{
    private readonly List<(torch.Tensor[] Kernels, torch.Tensor Residuals)> _tasks = [];
    private readonly int _outputs;

    public DenseFleet(SourceModel model, IEnumerable<TaskData> tasks)
    {
        _outputs = model.Spec.Outputs;
        foreach (TaskData task in tasks)
        {
            (torch.Tensor output, torch.Tensor j) = Oracle.Linearise(model, task.Inputs);
            torch.Tensor[] kernels = [.. model.Spec.Blocks.Select(block => j.narrow(1, block.Offset, block.Count)).Select(own => torch.mm(own, own.t()))];
            _tasks.Add((kernels, (Cases.Targets(model, task.Targets) - output).reshape(-1, 1)));
        }
    }

    private long Observations => _tasks.Sum(task => task.Residuals.numel());

    /// <summary>The negative log evidence per observation at the logarithms of the scales and of one noise variance per output.</summary>
    public double Value(IEnumerable<double> x) => Evaluate(Vector<double>.Build.DenseOfEnumerable(x)).Value;

    public double Value(Prior prior) => Value(prior.BlockScales.Concat(Enumerable.Range(0, _outputs).Select(o => prior.NoiseOf(o))).Select(v => Math.Log(v)));

    /// <summary>The smallest value that BFGS finds.</summary>
    public double Minimum(IEnumerable<double> start)
    {
        double best = double.PositiveInfinity;
        Vector<double> x = Vector<double>.Build.DenseOfEnumerable(start);
        for (int run = 0; run < 4; run++)
        {
            try
            {
                new BfgsMinimizer(1e-9, 1e-10, 1e-14, 300).FindMinimum(ObjectiveFunction.Gradient(at => Evaluated(at)), x);
            }
            catch (OptimizationException)
            {
                // Rounding ends the search; what was found stands.
            }
        }

        return best;

        (double, Vector<double>) Evaluated(Vector<double> at)
        {
            (double value, Vector<double> gradient) = Evaluate(at);
            (best, x) = value < best ? (value, at.Clone()) : (best, x);
            return (value, gradient);
        }
    }

    private (double Value, Vector<double> Gradient) Evaluate(Vector<double> at)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor x = torch.tensor(at.ToArray()).requires_grad_();
        torch.Tensor value = torch.zeros(1, dtype: torch.ScalarType.Float64);
        foreach ((torch.Tensor[] kernels, torch.Tensor r) in _tasks)
        {
            torch.Tensor noise = x.narrow(0, kernels.Length, _outputs).exp().repeat([r.shape[0] / _outputs]);
            torch.Tensor covariance = kernels.Select((k, b) => k * x[b].exp()).Aggregate(torch.diag(noise), (sum, term) => sum + term);
            torch.Tensor alpha = torch.linalg.solve(covariance, r);
            value += 0.5 * (torch.mm(r.t(), alpha).view(1) + torch.linalg.slogdet(covariance).Item2 + (r.shape[0] * Math.Log(2 * Math.PI)));
        }

        value /= Observations;
        value.backward();
        return (value.item<double>(), Vector<double>.Build.DenseOfArray(x.grad!.data<double>().ToArray()));
    }
}
