using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>
/// Predictions after an iterative solve: the mean through d = D J^T alpha, one Jacobian-vector product whatever n was, and the variance through a cached
/// root, never below the exact one. fp64; owns its tensors; borrows the network it was restored with.
/// </summary>
/// <remarks>
/// The projection: Pleiss et al., <em>Constant-Time Predictive Distributions for Gaussian Processes</em>, ICML 2018. Deviation: the directions come from
/// the preconditioner, not from Lanczos, so that they cover what any prediction can see rather than what the residual saw.
/// </remarks>
internal sealed class SolvedTaskPosterior : IPredictivePosterior
{
    private readonly SourceNetwork _network;
    private readonly Prior _prior;
    private readonly SolvedForm _form;
    private readonly double _scale;
    private readonly FreeParameters _free;
    private readonly torch.Tensor _mean; // d, [p, 1]
    private readonly torch.Tensor _factor; // L
    private readonly torch.Tensor? _directions; // S
    private readonly JacobianFactors? _rows;

    internal SolvedTaskPosterior(SourceNetwork network, Prior prior, SolvedPosterior solved)
    {
        _network = network;
        _prior = prior;
        _form = solved.Form;
        _scale = solved.VarianceScale;
        _free = new FreeParameters(network.Model.Spec, prior, network.Device);
        _mean = TensorInterop.Own(Upload(solved.MeanParameters, solved.MeanParameters.Length, 1));
        _factor = TensorInterop.Own(Upload(solved.Factor.Values, solved.Factor.Rows, solved.Factor.Columns));
        _directions = solved.Directions is { } s ? TensorInterop.Own(Upload(s.Values, s.Rows, s.Columns)) : null;
        _rows = solved.Inputs is null ? null : network.Linearise(solved.Inputs);
    }

    public long Bytes => (8 * (_mean.numel() + _factor.numel() + (_directions?.numel() ?? 0) + (2L * _free.Count))) + (_rows?.Bytes ?? 0);

    private torch.Device Device => _network.Device;

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

        torch.Tensor root = Root(at);
        if (kind == PredictionKind.Marginal)
        {
            torch.Tensor variance = Scaled(Prior(at), root.square().sum(dim: 0));
            return new PosteriorPrediction(mean, variance.view(at.Rows, at.Outputs), null);
        }

        torch.Tensor joint = Scaled(PriorFunctions.ToDouble(at.Gram(_prior.BlockScales.AsSpan())), torch.mm(root.t(), root));
        return new PosteriorPrediction(mean, joint.diagonal().clamp_min(0).view(at.Rows, at.Outputs), joint);
    }

    public torch.Tensor SampleParameters(int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor normals = SeededNormals.Columns(_free.Count, count, seed, Device);
        torch.Tensor change = _form == SolvedForm.Gram
            ? torch.linalg.solve_triangular(_factor.t(), normals, upper: true).div_(Math.Sqrt(_scale))
            : Shrink(normals);
        return TensorInterop.Return(_free.Embed(change).add_(_mean, Scalars.One));
    }

    public void Dispose()
    {
        _free.Dispose();
        _mean.Dispose();
        _factor.Dispose();
        _directions?.Dispose();
        _rows?.Dispose();
    }

    // Gram: L^-1 D^1/2 j*, whose squares are the variance. Else L^-1 S^T k*, whose squares are what observations take away. [t, m c].
    private torch.Tensor Root(JacobianFactors at)
    {
        if (_form == SolvedForm.Gram)
        {
            return torch.linalg.solve_triangular(_factor, _free.Rows(at).t(), upper: false);
        }

        torch.Tensor cross = PriorFunctions.ToDouble(_rows!.CrossGram(at, _prior.BlockScales.AsSpan()));
        return torch.linalg.solve_triangular(_factor, _directions is null ? cross : torch.mm(_directions.t(), cross), upper: false);
    }

    private torch.Tensor Prior(JacobianFactors at) => PriorFunctions.ToDouble(at.Diagonal(_prior.BlockScales.AsSpan()));

    // The marginal or joint form of the variance; divided by the scale, but never above the prior's.
    private torch.Tensor Scaled(torch.Tensor prior, torch.Tensor squares)
    {
        torch.Tensor exact = _form == SolvedForm.Gram ? squares : prior - squares;
        if (prior.dim() == 1)
        {
            exact.clamp_min_(0);
            return _scale < 1 ? torch.minimum(exact.div_(_scale), prior) : exact;
        }

        return _scale < 1 ? exact.div_(_scale) : exact;
    }

    // Draws from N(0, I - V V^T) over the whitened parameters, V = D^1/2 J^T S L^-T: with V = U s W^T, z - U (1 - (1 - s^2)^1/2) U^T z.
    private torch.Tensor Shrink(torch.Tensor normals)
    {
        torch.Tensor directions = _directions ?? torch.eye(_factor.shape[0], dtype: torch.ScalarType.Float64, device: Device);
        torch.Tensor roots = torch.linalg.solve_triangular(_factor, directions.t(), upper: false).t();
        torch.Tensor v = _free.Extract(_rows!.ApplyTranspose(roots.contiguous()));
        (torch.Tensor squares, torch.Tensor w) = torch.linalg.eigh(torch.mm(v.t(), v));
        torch.Tensor s2 = squares.clamp(1e-14, 1 - 1e-14);
        torch.Tensor u = torch.mm(v, w) / s2.sqrt();
        torch.Tensor shrink = (1 - (1 - s2).sqrt()).view(-1, 1);
        torch.Tensor draws = normals - torch.mm(u, torch.mm(u.t(), normals) * shrink);
        return _scale < 1 ? draws.div_(Math.Sqrt(_scale)) : draws;
    }

    private torch.Tensor Upload(double[] values, long rows, long columns) =>
        TensorInterop.FromDoubles(values, [rows, columns], torch.ScalarType.Float64, Device);
}
