using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>
/// Posteriors of c outputs that are independent given the network: one per output, each with a change of the parameters of its own.
/// c posteriors of n observations instead of one of n c.
/// </summary>
public sealed class IndependentOutputsPosterior : IPosterior
{
    private readonly List<IPosterior> _parts = [];
    private readonly List<JacobianFactors> _factors = []; // views on the caller's factors, which the parts borrow

    private IndependentOutputsPosterior(LeaveOneOut leaveOneOut) => LeaveOneOut = leaveOneOut;

    /// <inheritdoc/>
    public double LogEvidence => _parts.Sum(part => part.LogEvidence);

    /// <inheritdoc/>
    public double EffectiveDimension => _parts.Sum(part => part.EffectiveDimension);

    /// <inheritdoc/>
    public double Jitter => _parts.Max(part => part.Jitter);

    /// <inheritdoc/>
    public LeaveOneOut LeaveOneOut { get; private set; }

    /// <inheritdoc/>
    public long Bytes => _parts.Sum(part => part.Bytes);

    /// <summary>Conditions the prior on the observations of every output.</summary>
    /// <param name="train">The Jacobian at the observed inputs; borrowed as <paramref name="fit"/> borrows.</param>
    /// <param name="targets">[n, c], standardised, any floating dtype.</param>
    /// <param name="prior">Scales and noise.</param>
    /// <param name="fit">Fits one output: its rows of the Jacobian, its targets, [n, 1], its prior.</param>
    /// <returns>The caller disposes it.</returns>
    public static IndependentOutputsPosterior Fit(
        JacobianFactors train, torch.Tensor targets, Prior prior, Func<JacobianFactors, torch.Tensor, Prior, IPosterior> fit)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(prior);
        ArgumentNullException.ThrowIfNull(fit);
        var posterior = new IndependentOutputsPosterior(null!);
        try
        {
            for (int o = 0; o < train.Outputs; o++)
            {
                using torch.Tensor view = targets.narrow(1, o, 1);
                using torch.Tensor column = view.contiguous();
                posterior._factors.Add(train.OfOutput(o));
                posterior._parts.Add(fit(posterior._factors[o], column, prior.ForOutput(o)));
            }

            posterior.LeaveOneOut = posterior.Interleave();
            return posterior;
        }
        catch
        {
            posterior.Dispose();
            throw;
        }
    }

    /// <summary>The posterior mean of every output's parameter change one after the other, [c p], fp64. The caller disposes it.</summary>
    public torch.Tensor MeanParameters()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return TensorInterop.Return(torch.cat([.. _parts.Select(part => part.MeanParameters())], dim: 0));
    }

    /// <summary>Draws every output's parameter change, [c p, count], fp64; the caller disposes it.</summary>
    public torch.Tensor SampleParameters(int count, int seed)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return TensorInterop.Return(torch.cat([.. _parts.Select((part, o) => part.SampleParameters(count, unchecked(seed + (o * 0x1000193))))], dim: 0));
    }

    /// <inheritdoc/>
    public PosteriorPrediction Predict(JacobianFactors at, PredictionKind kind)
    {
        ArgumentNullException.ThrowIfNull(at);
        using DisposeScope scope = torch.NewDisposeScope();
        int c = _parts.Count;
        torch.Tensor mean = torch.empty(at.Rows, c, dtype: torch.ScalarType.Float64, device: at.Device);
        torch.Tensor? variance = kind == PredictionKind.Mean ? null : torch.empty_like(mean);
        torch.Tensor? covariance = kind == PredictionKind.Joint ? torch.zeros(at.Rows, c, at.Rows, c, dtype: torch.ScalarType.Float64, device: at.Device) : null;
        for (int o = 0; o < c; o++)
        {
            using JacobianFactors rows = at.OfOutput(o);
            using PosteriorPrediction part = _parts[o].Predict(rows, kind);
            mean.narrow(1, o, 1).copy_(part.Mean);
            variance?.narrow(1, o, 1).copy_(part.Variance!);
            covariance?.select(3, o).select(1, o).copy_(part.Covariance!);
        }

        return new PosteriorPrediction(mean, variance, covariance?.view(at.Count, at.Count));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _parts.ForEach(part => part.Dispose());
        _factors.ForEach(factors => factors.Dispose());
    }

    // Index i c + o, as everywhere.
    private LeaveOneOut Interleave()
    {
        int c = _parts.Count;
        int n = _parts[0].LeaveOneOut.Means.Length;
        var means = new double[n * c];
        var variances = new double[n * c];
        var targets = new double[n * c];
        for (int i = 0; i < n * c; i++)
        {
            LeaveOneOut part = _parts[i % c].LeaveOneOut;
            means[i] = part.Means[i / c];
            variances[i] = part.Variances[i / c];
            targets[i] = part.Targets[i / c];
        }

        return LeaveOneOut.Score(means, variances, targets);
    }
}
