using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>
/// A Gaussian process with an RBF kernel on the standardised inputs, around zero or around the source network; the outputs are independent and share the
/// kernel. Owns its tensors, borrows the network.
/// </summary>
internal sealed class RbfModel : ITaskModel
{
    private const long CrossBudget = 1L << 22; // numbers in one block of the cross kernel
    private readonly SourceNetwork _source;
    private readonly RbfSettings _settings;
    private readonly bool _aroundSource;
    private readonly torch.Tensor _inputs; // [n, d]
    private readonly torch.Tensor _factor; // L, [n, n]
    private readonly torch.Tensor _alpha; // [n, c]

    internal RbfModel(SourceNetwork source, TaskData data, RbfSettings settings, bool aroundSource)
    {
        _source = source;
        _settings = settings;
        _aroundSource = aroundSource;
        using DisposeScope scope = torch.NewDisposeScope();
        int c = source.Model.Spec.Outputs;
        _inputs = TensorInterop.Own(Upload(data.Inputs));
        torch.Tensor targets = TensorInterop.FromDoubles(ResidualsOf(source, data, aroundSource), [data.Rows, c], torch.ScalarType.Float64, source.Device);
        torch.Tensor covariance = RbfKernel.Of(RbfKernel.SquaredDistances(_inputs, _inputs), settings.Lengthscale).mul_(settings.Scale);
        covariance.diagonal().add_(settings.NoiseVariance);
        (torch.Tensor factor, _) = Factorisation.Cholesky(covariance, "covariance of an RBF process");
        _factor = TensorInterop.Own(factor);
        _alpha = TensorInterop.Own(targets.cholesky_solve(factor));
    }

    /// <summary>What the process explains: standardised targets, or residuals of the source network; index i c + o.</summary>
    internal static double[] ResidualsOf(SourceNetwork source, TaskData data, bool aroundSource) =>
        aroundSource ? FleetResiduals.Residuals(source, data) : source.Model.OutputStandardisation.Apply(data.Targets).Values;

    public Forecast Predict(RowMatrix inputs)
    {
        Standardisation units = _source.Model.OutputStandardisation;
        int c = units.Width;
        double[] mean = _aroundSource ? units.Apply(_source.Evaluate(inputs)).Values : new double[inputs.Rows * c];
        var variance = new double[mean.Length];
        int step = (int)Math.Clamp(CrossBudget / _inputs.shape[0], 1, Math.Max(1, inputs.Rows));
        for (int start = 0; start < inputs.Rows; start += step)
        {
            int count = Math.Min(step, inputs.Rows - start);
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor cross = RbfKernel.Of(RbfKernel.SquaredDistances(_inputs, Upload(inputs.Slice(start, count))), _settings.Lengthscale).mul_(_settings.Scale);
            double[] change = TensorInterop.ToDoubles(torch.mm(cross.t(), _alpha));
            double[] known = TensorInterop.ToDoubles(torch.linalg.solve_triangular(_factor, cross, upper: false).square().sum(dim: 0));
            for (int i = 0; i < change.Length; i++)
            {
                mean[(start * c) + i] += change[i];
                variance[(start * c) + i] = Math.Max(_settings.Scale - known[i / c], 0) + _settings.NoiseVariance;
            }
        }

        return Forecast.Of(units, mean, variance);
    }

    public void Dispose()
    {
        _inputs.Dispose();
        _factor.Dispose();
        _alpha.Dispose();
    }

    private torch.Tensor Upload(RowMatrix inputs) => TensorInterop.FromDoubles(
        _source.Model.InputStandardisation.Apply(inputs).Values, [inputs.Rows, inputs.Columns], torch.ScalarType.Float64, _source.Device);
}
