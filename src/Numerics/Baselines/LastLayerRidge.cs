using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>
/// The last layer retrained as practitioners do: ridge regression on its features towards the source's own weights, the penalty from a grid by exact
/// leave-one-out. The noise is the mean of the squared leave-one-out errors and of <see cref="NoiseShrinkage.Pseudo"/> pseudo-observations of the
/// fleet's; the variance is that of ridge regression, s^2 (1 + phi^T (Phi^T Phi + lambda I)^-1 phi).
/// </summary>
internal sealed class LastLayerRidge(SourceNetwork source, SourceNetwork lastLayer) : IAdaptationMethod
{
    private const int GridPoints = 41;
    private const double Reach = 1e5; // of the penalty over the mean eigenvalue, both ways
    private double _fleetNoise = double.NaN;

    public string Name => MethodNames.LastLayer;

    public void Learn(IReadOnlyList<TaskData> tasks, IComputeSlices slices) => _fleetNoise = FleetResiduals.Of(source, tasks, slices).WithinVariance;

    public ITaskModel Adapt(TaskData data)
    {
        (double penalty, double squares) = Penalty(data);
        double noise = NoiseShrinkage.Of(_fleetNoise, squares, data.Targets.Values.Length);
        double scale = double.IsPositiveInfinity(penalty) ? 0 : noise / penalty;

        // Ridge regression with penalty lambda is the posterior under the scale s^2 / lambda.
        return new PosteriorModel(TaskPosterior.Fit(lastLayer, data, Prior.Uniform(lastLayer.Model.Spec, scale, noise)));
    }

    public void Dispose()
    {
    }

    /// <summary>The penalty of the smallest leave-one-out error, infinite where leaving the layer as it is wins, and the sum of the squared errors there.</summary>
    internal (double Penalty, double Squares) Penalty(TaskData data)
    {
        double[] residuals = FleetResiduals.Residuals(source, data);
        int n = residuals.Length;
        double[] values;
        double[] vectors; // [n, n], a column per eigenvalue
        double[] projected;
        using (DisposeScope scope = torch.NewDisposeScope())
        {
            using JacobianFactors factors = lastLayer.Linearise(data.Inputs);
            torch.Tensor kernel = factors.Gram([.. Enumerable.Repeat(1.0, factors.Spec.Blocks.Length)]).to(torch.ScalarType.Float64);
            (torch.Tensor lambda, torch.Tensor basis) = torch.linalg.eigh(kernel);
            torch.Tensor column = TensorInterop.FromDoubles(residuals, [n, 1], torch.ScalarType.Float64, kernel.device);
            values = Array.ConvertAll(TensorInterop.ToDoubles(lambda), v => Math.Max(v, 0));
            vectors = TensorInterop.ToDoubles(basis);
            projected = TensorInterop.ToDoubles(torch.mm(basis.t(), column));
        }

        double mean = values.Average();
        double best = double.PositiveInfinity;
        double bestSquares = residuals.Sum(r => r * r);
        for (int g = 0; mean > 0 && g < GridPoints; g++)
        {
            double penalty = mean * Math.Exp(Math.Log(Reach) * ((2.0 * g / (GridPoints - 1)) - 1));
            double squares = LeaveOneOutSquares(values, vectors, projected, penalty);
            if (squares < bestSquares)
            {
                (best, bestSquares) = (penalty, squares);
            }
        }

        return (best, bestSquares);
    }

    // alpha = (K + lambda I)^-1 r: the error without row i is alpha_i / [(K + lambda I)^-1]_ii.
    private static double LeaveOneOutSquares(double[] values, double[] vectors, double[] projected, double penalty)
    {
        int n = values.Length;
        double squares = 0;
        for (int i = 0; i < n; i++)
        {
            double alpha = 0;
            double inverse = 0;
            for (int j = 0; j < n; j++)
            {
                double u = vectors[(i * n) + j];
                alpha += u * projected[j] / (values[j] + penalty);
                inverse += u * u / (values[j] + penalty);
            }

            squares += alpha / inverse * (alpha / inverse);
        }

        return squares;
    }
}
