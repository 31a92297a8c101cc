using System.Diagnostics;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solves;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>
/// A direct solve in function space for thousands to some ten thousand observations: kernel and Cholesky factor in fp32, the weights refined against residuals
/// with fp64 sums. Half the memory and time of fp64; done a short part at a time, so that a device can do other things in between. Leave-one-out
/// scores are those of some rows. Owns everything until <see cref="Take"/>.
/// </summary>
/// <remarks>Higham, <em>Accuracy and Stability of Numerical Algorithms</em>, 2nd edition, chapter 12: iterative refinement in mixed precision.</remarks>
public sealed class RefinedFit : IDisposable
{
    private const double Tolerance = 1e-8;
    private const double Acceptable = 1e-6;
    private const int MostRefinements = 8;
    private const int ScoredRows = 512;

    private readonly Prior _prior;
    private readonly TaskData _data;
    private readonly SourceNetwork _network;
    private readonly IEnumerator<bool> _steps;
    private JacobianFactors? _factors;
    private RefinedCovariance? _covariance;
    private TaskPosterior? _result;
    private bool _taken;

    private RefinedFit(SourceModel model, torch.Device device, TaskData data, Prior prior)
    {
        _prior = prior;
        _data = data;
        _network = new SourceNetwork(model, device, torch.ScalarType.Float32);
        _steps = Run().GetEnumerator();
    }

    /// <summary>Prepares; nothing is computed yet.</summary>
    /// <param name="model">The source model.</param>
    /// <param name="device">Where.</param>
    /// <param name="data">At least one observed row, in the data's units.</param>
    /// <param name="prior">Scales and noise; outputs are coupled.</param>
    /// <returns>The caller disposes it.</returns>
    /// <exception cref="ArgumentException">A width does not fit the network, there are no rows, or the prior is out of range.</exception>
    public static RefinedFit Start(SourceModel model, torch.Device device, TaskData data, Prior prior)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(prior);
        prior.Validate(model.Spec);
        if (prior.Coupling == OutputCoupling.Independent && model.Spec.Outputs > 1)
        {
            throw new ArgumentException("Independent outputs are solved one by one, in fp64.", nameof(prior));
        }

        if (prior.HasMoves)
        {
            throw new ArgumentException("A prior with a learned shift or directions is solved in fp64: use TaskPosterior.Fit.", nameof(prior));
        }

        var fit = new RefinedFit(model, device, data, prior);
        try
        {
            TaskPosterior.CheckData(fit._network, data);
            return fit;
        }
        catch (ArgumentException)
        {
            fit.Dispose();
            throw;
        }
    }

    /// <summary>Goes on, for at least one part and until the time is over.</summary>
    /// <returns>Whether it is complete.</returns>
    /// <exception cref="NotPositiveDefiniteException">In fp32 the covariance is not positive definite, or its factor does not refine: solve in fp64, or with more noise.</exception>
    /// <exception cref="NonFiniteOutputException">The network overflows on a row.</exception>
    public bool Advance(TimeSpan slice)
    {
        long started = Stopwatch.GetTimestamp();
        while (_result is null && _steps.MoveNext())
        {
            if (Stopwatch.GetElapsedTime(started) >= slice)
            {
                break;
            }
        }

        return _result is not null;
    }

    /// <summary>The adapted model, once complete; the caller disposes it.</summary>
    /// <exception cref="InvalidOperationException">It is not complete, or was taken.</exception>
    public TaskPosterior Take()
    {
        if (_result is null || _taken)
        {
            throw new InvalidOperationException("There is nothing to take: the fit is not complete, or its result was taken.");
        }

        _taken = true;
        return _result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _steps.Dispose();
        if (_taken)
        {
            return;
        }

        if (_result is not null)
        {
            _result.Dispose();
            return;
        }

        _covariance?.Dispose();
        _factors?.Dispose();
        _network.Dispose();
    }

    private IEnumerable<bool> Run()
    {
        _factors = _network.Linearise(_data.Inputs);
        yield return true;
        Observations observations;
        using (torch.Tensor targets = TensorInterop.Own(TaskPosterior.StandardisedTargets(_network, _data)))
        {
            observations = Observations.Create(_factors, targets, _prior, default);
        }

        _covariance = new RefinedCovariance(_factors, _prior.BlockScales.AsSpan(), observations.Noise);
        foreach (bool step in _covariance.Factorise())
        {
            yield return step;
        }

        using torch.Tensor right = TensorInterop.Own(
            TensorInterop.FromDoubles(observations.Residuals, [observations.Count, 1], torch.ScalarType.Float64, _factors.Device));
        using torch.Tensor alpha = TensorInterop.Own(torch.zeros_like(right));
        double reached = double.PositiveInfinity;
        for (int round = 0; round < MostRefinements; round++)
        {
            double before = reached;
            reached = Refine(alpha, right, first: round == 0);
            yield return true;
            if (reached <= Tolerance || !(reached < 0.5 * before))
            {
                break;
            }
        }

        if (!(reached <= Acceptable))
        {
            throw new NotPositiveDefiniteException("covariance of the observations (in fp32)", observations.Count, 0);
        }

        var posterior = new RefinedPosterior(_network, _prior, _factors, _covariance, observations, alpha);
        AdaptationReport report = Score(observations, alpha);
        _result = TaskPosterior.OfRefined(_network, _prior, posterior, report);
    }

    // x becomes x + C^-1 (b - C x), about; the relative residual before that, of the x that came in. The first x is zero.
    private double Refine(torch.Tensor alpha, torch.Tensor right, bool first)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor residual = first ? right : right - _covariance!.Apply(alpha);
        double norm = Math.Sqrt(TensorInterop.ToDoubles(residual.square()).Sum());
        double size = Math.Sqrt(TensorInterop.ToDoubles(right.square()).Sum());
        double relative = size == 0 ? 0 : norm / size;
        if (relative > Tolerance)
        {
            alpha.add_(_covariance!.Solve(residual), Scalars.One);
        }

        return relative;
    }

    private double Evidence(Observations observations, torch.Tensor alpha)
    {
        double[] weights = TensorInterop.ToDoubles(alpha);
        double fit = observations.Residuals.Zip(weights, (r, a) => r * a).Sum();
        return -(0.5 * fit) - _covariance!.LogDiagonal() - (0.5 * observations.Count * Math.Log(2 * Math.PI));
    }

    // Leave-one-out in closed form, of some rows: without itself an observation is expected alpha_i / [C^-1]_ii from where it is.
    private AdaptationReport Score(Observations observations, torch.Tensor alpha)
    {
        Standardisation units = _network.Model.OutputStandardisation;
        int c = units.Width;
        int[] rows = RowSample.Within(new RowRange(0, _data.Rows), _data.Rows, ScoredRows, seed: 0);
        int[] scored = [.. rows.SelectMany(row => Enumerable.Range(row * c, c))];
        double[] inverse = _covariance!.InverseDiagonal(scored);
        double[] weights = TensorInterop.ToDoubles(alpha);
        double[] targets = Array.ConvertAll(scored, i => observations.Targets[i]);
        double[] means = [.. scored.Select((i, k) => targets[k] - (weights[i] / inverse[k]))];
        double leverages = scored.Select((i, k) => Math.Max(0, 1 - (observations.Noise[i] * inverse[k]))).Sum();
        using JacobianFactors at = _network.Linearise(_data.Inputs.SelectRows(rows));
        return new AdaptationReport(
            observations.Count,
            Evidence(observations, alpha),
            LeaveOneOut.Score(means, Array.ConvertAll(inverse, v => 1 / v), targets).InDataUnits(units),
            LeaveOneOut.Score(TensorInterop.ToDoubles(at.Output), TaskPosterior.SourceVariances(at, _prior), targets).InDataUnits(units),
            [.. units.Scale.Select((scale, o) => scale * Math.Sqrt(_prior.NoiseOf(o)))],
            leverages / scored.Length * observations.Count,
            PosteriorSpace.Function,
            Jitter: 0);
    }
}
