using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>
/// Predictions from a covariance that was factorised in fp32: the mean through d = D J^T alpha with a refined alpha, the variance k** - |L^-1 k*|^2 plus what
/// rounding may have taken. Owns network, factors and covariance.
/// </summary>
internal sealed class RefinedPosterior : IPredictivePosterior
{
    /// <summary>Rounding of a variance's subtraction in fp32, as a share of the prior variance: added, so that it never makes one too small.</summary>
    private const double Rounding = 1e-6;

    private const long CrossBudget = 1L << 24;

    private readonly SourceNetwork _network; // fp32
    private readonly Prior _prior;
    private readonly JacobianFactors _train;
    private readonly RefinedCovariance _covariance;
    private readonly torch.Tensor _residuals; // [N, 1], fp64
    private readonly torch.Tensor _noise; // [N, 1], fp64
    private readonly torch.Tensor _mean; // d, [p, 1], fp64

    internal RefinedPosterior(SourceNetwork network, Prior prior, JacobianFactors train, RefinedCovariance covariance, Observations observations, torch.Tensor alpha)
    {
        _network = network;
        _prior = prior;
        _train = train;
        _covariance = covariance;
        _residuals = TensorInterop.Own(Column(observations.Residuals));
        _noise = TensorInterop.Own(Column(observations.Noise));
        _mean = TensorInterop.Own(Pull(alpha));
    }

    public long Bytes => _network.Bytes + _train.Bytes + _covariance.Bytes + (8 * (_residuals.numel() + _noise.numel() + _mean.numel()));

    public torch.Tensor MeanParameters() => _mean.clone().squeeze_(1);

    public PosteriorPrediction Predict(JacobianFactors at, PredictionKind kind)
    {
        Prediction.CheckKind(at, _network.Model.Spec, kind);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor mean = PriorFunctions.MeanAt(at, _prior, _mean);
        if (kind == PredictionKind.Mean)
        {
            return new PosteriorPrediction(mean, null, null);
        }

        if (kind == PredictionKind.Joint)
        {
            torch.Tensor root = PriorFunctions.ToDouble(Root(at));
            torch.Tensor joint = PriorFunctions.ToDouble(at.Gram(_prior.BlockScales.AsSpan())).sub_(torch.mm(root, root.t()));
            joint.diagonal().add_(Slack(at), Scalars.One);
            return new PosteriorPrediction(mean, joint.diagonal().clamp_min(0).view(at.Rows, at.Outputs), joint);
        }

        torch.Tensor variance = PriorFunctions.ToDouble(at.Diagonal(_prior.BlockScales.AsSpan())).add_(Slack(at), Scalars.One);
        int step = (int)Math.Clamp(CrossBudget / ((long)_train.Count * at.Outputs), 1, at.Rows);
        for (int start = 0; start < at.Rows; start += step)
        {
            int count = Math.Min(step, at.Rows - start);
            using DisposeScope chunk = torch.NewDisposeScope();
            using JacobianFactors slice = at.Slice(start, count);
            torch.Tensor explained = PriorFunctions.ToDouble(Root(slice)).square().sum(dim: 1);
            variance.narrow(0, (long)start * at.Outputs, (long)count * at.Outputs).sub_(explained);
        }

        return new PosteriorPrediction(mean, variance.clamp_min_(0).view(at.Rows, at.Outputs), null);
    }

    /// <remarks>Matheron's rule, as in <see cref="FunctionSpacePosterior"/>.</remarks>
    public torch.Tensor SampleParameters(int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        using DisposeScope scope = torch.NewDisposeScope();
        int p = _train.Spec.ParameterCount;
        torch.Tensor normals = SeededNormals.Columns(p + _train.Count, count, seed, _train.Device);
        torch.Tensor parameters = normals.narrow(0, 0, p) * PriorFunctions.ParameterScales(_train.Spec, _prior, _train.Device).sqrt();
        torch.Tensor simulated = PriorFunctions.ToDouble(_train.Apply(parameters.to(_train.DType))) + (normals.narrow(0, p, _train.Count) * _noise.sqrt());
        return TensorInterop.Return(parameters + Pull(_covariance.Solve(_residuals - simulated)));
    }

    public void Dispose()
    {
        _mean.Dispose();
        _noise.Dispose();
        _residuals.Dispose();
        _covariance.Dispose();
        _train.Dispose();
        _network.Dispose();
    }

    // (L^-1 K(X, at))^T, [m c, N], fp32.
    private torch.Tensor Root(JacobianFactors at)
    {
        torch.Tensor rows = at.CrossGram(_train, _prior.BlockScales.AsSpan());
        _covariance.Whiten(rows);
        return rows;
    }

    private torch.Tensor Slack(JacobianFactors at) =>
        PriorFunctions.ToDouble(at.Diagonal(_prior.BlockScales.AsSpan())).mul_(TensorInterop.FromDoubles([Rounding], [1], torch.ScalarType.Float64, at.Device));

    // D J^T v, [p, k], fp64.
    private torch.Tensor Pull(torch.Tensor v) =>
        PriorFunctions.ToDouble(_train.ApplyTranspose(v.to(_train.DType))).mul_(PriorFunctions.ParameterScales(_train.Spec, _prior, _train.Device));

    private torch.Tensor Column(double[] values) => TensorInterop.FromDoubles(values, [values.Length, 1], torch.ScalarType.Float64, _train.Device);
}
