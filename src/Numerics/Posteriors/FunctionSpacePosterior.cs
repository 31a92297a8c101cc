using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>
/// The exact posterior as a Gaussian process with kernel K = sum_b theta_b J_b J_b^T + (J U)(J U)^T: the Cholesky factor of C = K + Sigma in fp64.
/// For the small side N = n c: N^2 sum(d_in + d_out) + N^3 flops, 8 N^2 bytes kept. Borrows the training factors, which must live longer.
/// </summary>
/// <remarks>
/// Rasmussen and Williams, <em>Gaussian Processes for Machine Learning</em>, 2006, algorithm 2.1 and section 5.4.2 (leave-one-out), with the
/// kernel of Maddox et al., <em>Fast Adaptation with Linearized Neural Networks</em>, AISTATS 2021.
/// Deviation: samples are drawn by Matheron's rule (Wilson et al. 2020) instead of factorising the predictive covariance, which needs no jitter.
/// </remarks>
public sealed class FunctionSpacePosterior : IPosterior
{
    private const long CrossBudget = 1L << 23; // numbers in one block of K*x
    private readonly JacobianFactors _train;
    private readonly Prior _prior;
    private readonly Observations _observations;
    private readonly torch.Tensor _factor; // L, [N, N]
    private torch.Tensor? _meanParameters; // [p, 1], made when first wanted

    private FunctionSpacePosterior(JacobianFactors train, Prior prior, Observations observations, torch.Tensor factor, torch.Tensor alpha, double jitter)
    {
        _train = train;
        _prior = prior;
        _observations = observations;
        _factor = TensorInterop.Own(factor);
        Alpha = TensorInterop.Own(alpha);
        Jitter = jitter;
    }

    /// <inheritdoc/>
    public double LogEvidence { get; private init; }

    /// <inheritdoc/>
    public double EffectiveDimension { get; private init; }

    /// <inheritdoc/>
    public double Jitter { get; }

    /// <summary>C^-1 (y - m), [N], fp64. Owned by this object.</summary>
    public torch.Tensor Alpha { get; }

    /// <inheritdoc/>
    public required LeaveOneOut LeaveOneOut { get; init; }

    /// <inheritdoc/>
    public long Bytes => 8 * (_factor.numel() + Alpha.numel() + (_meanParameters?.numel() ?? 0));

    /// <summary>Conditions the prior on the observations.</summary>
    /// <param name="train">The Jacobian at the observed inputs; borrowed.</param>
    /// <param name="targets">[n, c], standardised, any floating dtype.</param>
    /// <param name="prior">Scales and noise.</param>
    /// <param name="noiseScale">Optional, length n: multiplies the noise variance of that row's observations.</param>
    /// <returns>The caller disposes it.</returns>
    /// <exception cref="ArgumentException">A shape does not fit or a value is out of range.</exception>
    /// <exception cref="NotPositiveDefiniteException">C could not be factorised.</exception>
    public static FunctionSpacePosterior Fit(JacobianFactors train, torch.Tensor targets, Prior prior, ReadOnlySpan<double> noiseScale = default)
    {
        Observations observations = Observations.Create(train, targets, prior, noiseScale);
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor factor, double jitter) = FactoriseCovariance(train, prior, observations);
        torch.Tensor residuals = TensorInterop.FromDoubles(observations.Residuals, [observations.Count, 1], torch.ScalarType.Float64, train.Device);
        torch.Tensor alpha = residuals.cholesky_solve(factor).view(-1);
        double[] precision = TensorInterop.ToDoubles(InverseDiagonal(factor));
        double[] alphaValues = TensorInterop.ToDoubles(alpha);
        return new FunctionSpacePosterior(train, prior, observations, factor, alpha, jitter)
        {
            LogEvidence = Evidence.Value(observations.Residuals, alphaValues, TensorInterop.ToDoubles(factor.diagonal())),
            EffectiveDimension = Dimension(observations.Noise, precision),
            LeaveOneOut = LeaveOut(observations, alphaValues, precision),
        };
    }

    /// <inheritdoc/>
    public torch.Tensor MeanParameters() => MeanColumn().clone().squeeze_(1);

    /// <inheritdoc/>
    public PosteriorPrediction Predict(JacobianFactors at, PredictionKind kind)
    {
        Prediction.CheckKind(at, _train.Spec, kind);
        using DisposeScope scope = torch.NewDisposeScope();
        if (kind == PredictionKind.Mean)
        {
            return new PosteriorPrediction(PriorFunctions.MeanAt(at, _prior, MeanColumn()), null, null);
        }

        if (kind == PredictionKind.Joint)
        {
            (torch.Tensor mean, torch.Tensor root) = MeanAndRoot(at);
            torch.Tensor covariance = PriorFunctions.Covariance(at, _prior).sub_(torch.mm(root.t(), root));
            torch.Tensor diagonal = covariance.diagonal().clamp_(0);
            return new PosteriorPrediction(mean, diagonal.clone().view(at.Rows, at.Outputs), covariance);
        }

        return Marginal(at);
    }

    /// <inheritdoc/>
    public torch.Tensor SampleParameters(int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        using DisposeScope scope = torch.NewDisposeScope();
        int p = _train.Spec.ParameterCount;
        int n = _observations.Count;
        torch.Tensor? directions = PriorFunctions.Directions(_train.Spec, _prior, _train.Device);
        torch.Tensor normals = SeededNormals.Columns(p + n + (directions is null ? 0 : (int)directions.shape[1]), count, seed, _train.Device);
        torch.Tensor deviation = PriorFunctions.ParameterScales(_train.Spec, _prior, _train.Device).sqrt();
        torch.Tensor parameters = normals.narrow(0, 0, p) * deviation;
        if (directions is not null)
        {
            parameters.addmm_(directions, normals.narrow(0, p + n, directions.shape[1]), 1, 1);
        }

        torch.Tensor noise = normals.narrow(0, p, n);
        torch.Tensor noiseDeviation = TensorInterop.FromDoubles(_observations.Noise, [n, 1], torch.ScalarType.Float64, _train.Device).sqrt();
        torch.Tensor residuals = TensorInterop.FromDoubles(_observations.Residuals, [n, 1], torch.ScalarType.Float64, _train.Device);
        torch.Tensor simulated = PriorFunctions.ToDouble(_train.Apply(parameters.to(_train.DType))) + (noise * noiseDeviation);
        torch.Tensor solved = (residuals - simulated).cholesky_solve(_factor);
        torch.Tensor pulled = PriorFunctions.ToDouble(_train.ApplyTranspose(solved.to(_train.DType)));
        return TensorInterop.Return(parameters.add_(Spread(pulled)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _factor.Dispose();
        Alpha.Dispose();
        _meanParameters?.Dispose();
    }

    internal static (torch.Tensor Factor, double Jitter) FactoriseCovariance(JacobianFactors train, Prior prior, Observations observations)
    {
        torch.Tensor covariance = PriorFunctions.Covariance(train, prior);
        torch.Tensor noise = TensorInterop.FromDoubles(observations.Noise, [observations.Count], torch.ScalarType.Float64, train.Device);
        covariance.diagonal().add_(noise);
        return Factorisation.Cholesky(covariance, "covariance of the observations");
    }

    // The diagonal of C^-1 = L^-T L^-1: column sums of squares of L^-1.
    private static torch.Tensor InverseDiagonal(torch.Tensor factor)
    {
        torch.Tensor identity = torch.eye(factor.shape[0], dtype: factor.dtype, device: factor.device);
        return torch.linalg.solve_triangular(factor, identity, upper: false).square().sum(dim: 0);
    }

    // tr(K C^-1) = N - tr(Sigma C^-1).
    private static double Dimension(double[] noise, double[] precision)
    {
        double dimension = 0;
        for (int i = 0; i < noise.Length; i++)
        {
            dimension += 1 - (noise[i] * precision[i]);
        }

        return dimension;
    }

    private static LeaveOneOut LeaveOut(Observations observations, double[] alpha, double[] precision)
    {
        var means = new double[observations.Count];
        var variances = new double[observations.Count];
        for (int i = 0; i < means.Length; i++)
        {
            means[i] = observations.Targets[i] - (alpha[i] / precision[i]);
            variances[i] = 1 / precision[i];
        }

        return LeaveOneOut.Score(means, variances, observations.Targets);
    }

    private torch.Tensor MeanColumn()
    {
        if (_meanParameters is null)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor pulled = PriorFunctions.ToDouble(_train.ApplyTranspose(Alpha.view(-1, 1).to(_train.DType)));
            _meanParameters = TensorInterop.Own(Spread(pulled));
        }

        return _meanParameters;
    }

    // d0 + (D + U U^T) v for v of [p, k].
    private torch.Tensor Spread(torch.Tensor pulled)
    {
        torch.Tensor spread = pulled * PriorFunctions.ParameterScales(_train.Spec, _prior, _train.Device);
        if (PriorFunctions.Directions(_train.Spec, _prior, _train.Device) is { } directions)
        {
            spread.addmm_(directions, torch.mm(directions.t(), pulled), 1, 1);
        }

        return _prior.Shift.IsEmpty
            ? spread
            : spread.add_(TensorInterop.FromDoubles([.. _prior.Shift], [_prior.Shift.Length, 1], torch.ScalarType.Float64, _train.Device));
    }

    // The mean, [m, c], and L^-1 K_x*, [N, m c]. The cross kernel is there anyway, so the mean costs one more product.
    private (torch.Tensor Mean, torch.Tensor Root) MeanAndRoot(JacobianFactors at)
    {
        torch.Tensor cross = PriorFunctions.Cross(_train, at, _prior);
        torch.Tensor mean = torch.mv(cross.t(), Alpha).view(at.Rows, at.Outputs);
        if (_prior.Mean == PriorMean.Source)
        {
            mean.add_(at.Output);
        }

        if (PriorFunctions.ShiftAt(at, _prior) is { } shift)
        {
            mean.add_(shift.view(at.Rows, at.Outputs));
        }

        return (mean, torch.linalg.solve_triangular(_factor, cross, upper: false));
    }

    private PosteriorPrediction Marginal(JacobianFactors at)
    {
        torch.Tensor mean = torch.empty(at.Rows, at.Outputs, dtype: torch.ScalarType.Float64, device: at.Device);
        torch.Tensor variance = PriorFunctions.Variances(at, _prior).view(at.Rows, at.Outputs);
        int step = (int)Math.Clamp(CrossBudget / ((long)_train.Count * at.Outputs), 1, at.Rows);
        for (int start = 0; start < at.Rows; start += step)
        {
            int count = Math.Min(step, at.Rows - start);
            using DisposeScope scope = torch.NewDisposeScope();
            using JacobianFactors? slice = count == at.Rows ? null : at.Slice(start, count);
            (torch.Tensor chunk, torch.Tensor root) = MeanAndRoot(slice ?? at);
            mean.narrow(0, start, count).copy_(chunk);
            variance.narrow(0, start, count).sub_(root.square().sum(dim: 0).view(count, at.Outputs)).clamp_(0);
        }

        return new PosteriorPrediction(mean, variance, null);
    }
}
