using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Panels;

/// <summary>
/// The adapted models of a panel's targets: what they share is on the device once. Borrows the source network. One thread at a time.
/// </summary>
/// <remarks>
/// With e not below the largest eigenvalue of K - F F^T, C_t is at most s M F F^T M + (s e + sigma^2) I, whose inverse is cheap: the variance is never below
/// the exact one, whatever F leaves out.
/// </remarks>
public sealed class PanelPosterior : IDisposable
{
    private const long CrossNumbers = 1L << 22;

    private readonly SourceNetwork _network;
    private readonly Prior _prior;
    private readonly ImmutableArray<double> _noiseScales;
    private readonly ImmutableArray<double> _priorScales;
    private readonly double _largestResidual;
    private readonly JacobianFactors _rows;
    private readonly torch.Tensor _alphas; // [N, T]
    private readonly torch.Tensor _factor; // [N, r]
    private readonly torch.Tensor _mask; // [N, T]

    private PanelPosterior(SourceNetwork network, Prior prior, PanelTargets targets, PanelSolution solution)
    {
        _network = network;
        _prior = prior;
        _noiseScales = targets.NoiseScales;
        _priorScales = targets.PriorScales;
        _largestResidual = solution.LargestResidual;
        _rows = network.Linearise(solution.Inputs);
        _alphas = Upload(solution.Alphas);
        _factor = Upload(solution.Factor);
        _mask = Upload(new RowMatrix(solution.Alphas.Rows, targets.Count, targets.Mask()));
    }

    /// <summary>The device memory that it holds, in bytes.</summary>
    public long Bytes => _rows.Bytes + (8 * (_alphas.numel() + _factor.numel() + _mask.numel()));

    /// <summary>About how many floating-point operations a prediction of so many rows has.</summary>
    public double FlopsToPredict(int rows)
    {
        (double n, double r) = (_factor.shape[0], _factor.shape[1]);
        double pair = 2 * NetworkCost.KernelPair(_network.Model.Spec, _rows.Count, Math.Max(1, rows));
        return (n * r * r) + (rows * ((_rows.Count * pair) + (_network.Model.Spec.Outputs * r * ((2 * n) + r))));
    }

    /// <summary>Makes the models of a solved panel.</summary>
    /// <param name="source">The network; borrowed.</param>
    /// <param name="prior">The prior that it was solved with.</param>
    /// <param name="targets">The targets that were solved.</param>
    /// <param name="solution">What the solve gave.</param>
    /// <returns>The caller disposes it.</returns>
    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public static PanelPosterior Restore(SourceNetwork source, Prior prior, PanelTargets targets, PanelSolution solution)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(prior);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(solution);
        prior.Validate(source.Model.Spec);
        int size = solution.Inputs.Rows * source.Model.Spec.Outputs;
        if (targets.Rows != solution.Inputs.Rows || targets.Outputs != source.Model.Spec.Outputs
            || solution.Alphas.Rows != size || solution.Alphas.Columns != targets.Count || solution.Factor.Rows != size)
        {
            throw new ArgumentException("The parts of the solved panel do not fit the network or each other.");
        }

        return new PanelPosterior(source, prior, targets, solution);
    }

    /// <summary>Predicts some rows for one target.</summary>
    /// <param name="target">Which, from 0.</param>
    /// <param name="inputs">[m, d], in the data's units, finite.</param>
    /// <exception cref="ArgumentException">The width is not the network's, or a value is not finite.</exception>
    /// <exception cref="NonFiniteOutputException">The network overflows on an input.</exception>
    public Prediction Predict(int target, RowMatrix inputs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(target);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(target, _noiseScales.Length);
        _network.CheckInputs(inputs);
        int c = _network.Model.Spec.Outputs;
        var buffers = new Adaptation.PredictionBuffers(inputs.Rows, _network.Model.OutputStandardisation);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor inner = Inner(target);
        int step = (int)Math.Clamp(CrossNumbers / ((long)_rows.Count * c), 1, Math.Max(1, inputs.Rows));
        for (int start = 0; start < inputs.Rows; start += step)
        {
            int count = Math.Min(step, inputs.Rows - start);
            using DisposeScope chunk = torch.NewDisposeScope();
            using JacobianFactors at = _network.Linearise(inputs, start, count);
            (torch.Tensor mean, torch.Tensor variance) = PredictChunk(target, at, inner);
            TensorInterop.CopyTo(mean, buffers.Mean.AsSpan(start * c, count * c));
            TensorInterop.CopyTo(variance, buffers.Variance.AsSpan(start * c, count * c));
            TensorInterop.CopyTo(at.Output, buffers.Source.AsSpan(start * c, count * c));
        }

        return buffers.ToPrediction(_prior with { NoiseVariance = [.. _prior.NoiseVariance.Select(v => v * _noiseScales[target])] });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _alphas.Dispose();
        _factor.Dispose();
        _mask.Dispose();
    }

    private (torch.Tensor Mean, torch.Tensor Variance) PredictChunk(int target, JacobianFactors at, torch.Tensor inner)
    {
        double scale = _priorScales[target];
        torch.Tensor factor = TensorInterop.FromDoubles([scale], [1], torch.ScalarType.Float64, at.Device);
        torch.Tensor cross = PriorFunctions.ToDouble(_rows.CrossGram(at, _prior.BlockScales.AsSpan())).mul_(factor); // [N, m c]
        torch.Tensor mean = torch.mv(cross.t(), _alphas.select(1, target).contiguous());
        if (_prior.Mean == PriorMean.Source)
        {
            mean.add_(at.Output.reshape(-1), Scalars.One);
        }

        torch.Tensor prior = PriorFunctions.ToDouble(at.Diagonal(_prior.BlockScales.AsSpan())).mul_(factor);
        torch.Tensor seen = cross * _mask.select(1, target).unsqueeze(1);
        torch.Tensor low = torch.linalg.solve_triangular(inner, torch.mm(_factor.t(), seen), upper: false);
        torch.Tensor explained = seen.square().sum(dim: 0).sub_(low.square().sum(dim: 0));
        explained.div_(TensorInterop.FromDoubles([Floor(target)], [1], torch.ScalarType.Float64, at.Device));
        return (mean, prior.sub_(explained).clamp_min_(0));
    }

    // s e + sigma^2, for the largest of the outputs' noise variances.
    private double Floor(int target) =>
        (_priorScales[target] * _largestResidual) + (_noiseScales[target] * _prior.NoiseVariance.Max());

    // The Cholesky factor of F^T M F + (s e + sigma^2) / s I, [r, r].
    private torch.Tensor Inner(int target)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor masked = _factor * _mask.select(1, target).unsqueeze(1);
        torch.Tensor inner = torch.mm(masked.t(), masked);
        inner.diagonal().add_(TensorInterop.FromDoubles([Floor(target) / _priorScales[target]], [1], torch.ScalarType.Float64, masked.device), Scalars.One);
        (torch.Tensor factor, _) = Factorisation.Cholesky(inner, "panel covariance");
        return TensorInterop.Return(factor);
    }

    private torch.Tensor Upload(RowMatrix matrix) => TensorInterop.Own(
        TensorInterop.FromDoubles(matrix.Values, [matrix.Rows, matrix.Columns], torch.ScalarType.Float64, _network.Device));
}
