using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>
/// The same posterior as a Bayesian linear model over the q parameters whose block is not frozen: the Cholesky factor of
/// H = I + D^1/2 J^T Sigma^-1 J D^1/2, q x q, fp64. For q below N: 2 N q^2 + q^3/3 flops twice over, 8 q^2 bytes kept; prediction does not
/// depend on N, and nothing of the training data is kept or borrowed. Rows are streamed in chunks.
/// </summary>
/// <remarks>
/// Rasmussen and Williams 2006, section 2.1. Deviations: scaled by D^1/2, so that zero scales and scales of different size are harmless;
/// the data fit is |Sigma^-1/2 (r - J d)|^2 + |D^-1/2 d|^2, which does not cancel.
/// </remarks>
public sealed class ParameterSpacePosterior : IPosterior
{
    private const long ChunkBudget = 1L << 22; // numbers in one chunk of dense Jacobian rows
    private readonly NetworkSpec _spec;
    private readonly Prior _prior;
    private readonly FreeParameters _free;
    private readonly torch.Tensor _factor; // L of H, [q, q]
    private readonly torch.Tensor _whitened; // u = H^-1 b = D^-1/2 d, [q, 1]
    private readonly torch.Tensor _mean; // d, [p, 1]

    private ParameterSpacePosterior(NetworkSpec spec, Prior prior, FreeParameters free, torch.Tensor factor, torch.Tensor whitened, double jitter)
    {
        _spec = spec;
        _prior = prior;
        _free = free;
        _factor = TensorInterop.Own(factor);
        _whitened = TensorInterop.Own(whitened);
        _mean = TensorInterop.Own(WithShift(free.Embed(_whitened)));
        Jitter = jitter;
    }

    /// <inheritdoc/>
    public double LogEvidence { get; private set; }

    /// <inheritdoc/>
    public double EffectiveDimension { get; private set; }

    /// <inheritdoc/>
    public double Jitter { get; }

    /// <inheritdoc/>
    public LeaveOneOut LeaveOneOut { get; private set; } = null!;

    /// <inheritdoc/>
    public long Bytes => 8 * (_factor.numel() + _whitened.numel() + _mean.numel() + (2L * _free.Count));

    /// <summary>Conditions the prior on the observations. The parameters are those of <see cref="FunctionSpacePosterior.Fit"/>, but nothing is borrowed.</summary>
    /// <exception cref="ArgumentException">A shape does not fit or a value is out of range.</exception>
    /// <exception cref="NotPositiveDefiniteException">H could not be factorised.</exception>
    public static ParameterSpacePosterior Fit(JacobianFactors train, torch.Tensor targets, Prior prior, ReadOnlySpan<double> noiseScale = default)
    {
        Observations observations = Observations.Create(train, targets, prior, noiseScale);
        var free = new FreeParameters(train.Spec, prior, train.Device);
        try
        {
            ParameterSpacePosterior posterior = Solve(train, observations, prior, free);
            posterior.Score(train, observations);
            return posterior;
        }
        catch (NumericsException)
        {
            free.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public torch.Tensor MeanParameters() => _mean.clone().squeeze_(1);

    /// <inheritdoc/>
    public torch.Tensor SampleParameters(int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor z = SeededNormals.Columns(_free.Count, count, seed, _factor.device);
        torch.Tensor u = torch.linalg.solve_triangular(_factor.t(), z, upper: true).add_(_whitened);
        return TensorInterop.Return(WithShift(_free.Embed(u)));
    }

    /// <inheritdoc/>
    public PosteriorPrediction Predict(JacobianFactors at, PredictionKind kind)
    {
        Prediction.CheckKind(at, _spec, kind);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor mean = PriorFunctions.MeanAt(at, _prior, _mean);
        if (kind == PredictionKind.Mean)
        {
            return new PosteriorPrediction(mean, null, null);
        }

        if (kind == PredictionKind.Joint)
        {
            torch.Tensor root = Whiten(_free.Rows(at));
            torch.Tensor covariance = torch.mm(root.t(), root);
            return new PosteriorPrediction(mean, covariance.diagonal().clone().view(at.Rows, at.Outputs), covariance);
        }

        torch.Tensor variance = torch.empty(at.Count, dtype: torch.ScalarType.Float64, device: at.Device);
        ForEachChunk(at, _free, (rows, start, count) => variance.narrow(0, start, count).copy_(Whiten(rows).square().sum(dim: 0)));
        return new PosteriorPrediction(mean, variance.view(at.Rows, at.Outputs), null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _free.Dispose();
        _factor.Dispose();
        _whitened.Dispose();
        _mean.Dispose();
    }

    private static ParameterSpacePosterior Solve(JacobianFactors train, Observations observations, Prior prior, FreeParameters free)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor precision = torch.eye(free.Count, dtype: torch.ScalarType.Float64, device: train.Device);
        torch.Tensor projected = torch.zeros(free.Count, 1, dtype: torch.ScalarType.Float64, device: train.Device);
        torch.Tensor deviation = Column(observations.Noise, train.Device).sqrt();
        torch.Tensor residuals = Column(observations.Residuals, train.Device);
        ForEachChunk(train, free, (rows, start, count) =>
        {
            torch.Tensor sd = deviation.narrow(0, start, count);
            rows.div_(sd);
            precision.addmm_(rows.t(), rows);
            projected.addmm_(rows.t(), residuals.narrow(0, start, count) / sd);
        });
        (torch.Tensor factor, double jitter) = Factorisation.Cholesky(precision, "precision of the parameters");
        return new ParameterSpacePosterior(train.Spec, prior, free, factor, projected.cholesky_solve(factor), jitter);
    }

    private static torch.Tensor Column(double[] values, torch.Device device) =>
        TensorInterop.FromDoubles(values, [values.Length, 1], torch.ScalarType.Float64, device);

    private static void ForEachChunk(JacobianFactors factors, FreeParameters free, Action<torch.Tensor, int, int> body)
    {
        int c = factors.Outputs;
        int step = (int)Math.Clamp(ChunkBudget / ((long)factors.Spec.ParameterCount * c), 1, factors.Rows);
        for (int start = 0; start < factors.Rows; start += step)
        {
            int count = Math.Min(step, factors.Rows - start);
            using DisposeScope scope = torch.NewDisposeScope();
            using JacobianFactors slice = factors.Slice(start, count);
            body(free.Rows(slice), start * c, count * c);
        }
    }

    private torch.Tensor WithShift(torch.Tensor change) => _prior.Shift.IsEmpty
        ? change
        : change.add_(TensorInterop.FromDoubles([.. _prior.Shift], [_prior.Shift.Length, 1], torch.ScalarType.Float64, change.device));

    // L^-1 (J D^1/2)^T, [q, rows].
    private torch.Tensor Whiten(torch.Tensor rows) => torch.linalg.solve_triangular(_factor, rows.t(), upper: false);

    // A second pass over the rows: fitted values and leverages. [C^-1]_ii = (1 - h_i) / sigma_i^2 with h_i = |L^-1 D^1/2 j_i|^2 / sigma_i^2.
    private void Score(JacobianFactors train, Observations observations)
    {
        int n = observations.Count;
        var fitted = new double[n];
        var explained = new double[n];
        ForEachChunk(train, _free, (rows, start, count) =>
        {
            TensorInterop.CopyTo(torch.mm(rows, _whitened), fitted.AsSpan(start, count));
            TensorInterop.CopyTo(Whiten(rows).square().sum(dim: 0), explained.AsSpan(start, count));
        });
        var means = new double[n];
        var variances = new double[n];
        double value = -0.5 * n * Math.Log(2 * Math.PI);
        for (int i = 0; i < n; i++)
        {
            double noise = observations.Noise[i];
            double error = observations.Residuals[i] - fitted[i];
            // 1 - h = sigma^2 / (sigma^2 + variance without the row) is positive; rounding must not make it 0.
            double unexplained = Math.Max(1 - (explained[i] / noise), 1e-15);
            value -= 0.5 * ((error * error / noise) + Math.Log(noise));
            EffectiveDimension += 1 - unexplained;
            means[i] = observations.Targets[i] - (error / unexplained);
            variances[i] = noise / unexplained;
        }

        value -= Array.ConvertAll(TensorInterop.ToDoubles(_factor.diagonal()), Math.Log).Sum();
        value -= 0.5 * TensorInterop.ToDoubles(_whitened).Sum(u => u * u);
        LogEvidence = value;
        LeaveOneOut = LeaveOneOut.Score(means, variances, observations.Targets);
    }
}
