using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Diagnostics;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solves;
using AdaptCluster.Numerics.Spreads;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>
/// One task's adapted model: takes and gives the data's own units. Chooses function or parameter space by cost and holds on the device what
/// prediction needs. Borrows the source network, which must live longer. One thread at a time.
/// </summary>
public sealed class TaskPosterior : IDisposable
{
    private const long RowBudget = 1L << 24; // numbers in the factors of one chunk of rows to predict
    private readonly SourceNetwork _network;
    private readonly Prior _prior;
    private readonly IPredictivePosterior _posterior;
    private readonly JacobianFactors? _train; // what a function-space posterior borrows
    private readonly AdaptationReport? _report;
    private readonly double _flopsPerRow; // of a prediction, beside the linearisation

    private TaskPosterior(
        SourceNetwork network, Prior prior, IPredictivePosterior posterior, JacobianFactors? train, AdaptationReport? report, double flopsPerRow)
    {
        _network = network;
        _prior = prior;
        _posterior = posterior;
        _train = train;
        _report = report;
        _flopsPerRow = flopsPerRow;
    }

    /// <summary>What the adaptation did and whether it helped.</summary>
    /// <exception cref="InvalidOperationException">It was restored: the report was given when it was solved.</exception>
    public AdaptationReport Report => _report ?? throw new InvalidOperationException("A restored posterior has no report: it was given when it was solved.");

    /// <summary>The device memory held for prediction, in bytes; the source network's not included.</summary>
    public long Bytes => _posterior.Bytes + (_train?.Bytes ?? 0);

    /// <summary>About how many floating-point operations <see cref="Fit"/> takes: for planning, without computing anything.</summary>
    /// <param name="spec">The network's shape.</param>
    /// <param name="prior">Scales and noise; it must fit the network.</param>
    /// <param name="rows">n, at least 1.</param>
    public static double FlopsToFit(NetworkSpec spec, Prior prior, int rows)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(prior);
        return SpaceChoice.Flops(spec, prior, rows) + (rows * NetworkCost.Linearise(spec));
    }

    /// <summary>About how many floating-point operations <see cref="Predict"/> takes for <paramref name="rows"/> rows.</summary>
    public double FlopsToPredict(int rows) => rows * (NetworkCost.Linearise(_network.Model.Spec) + _flopsPerRow);

    /// <summary>Adapts the source network to a task.</summary>
    /// <param name="source">The network; borrowed.</param>
    /// <param name="data">At least one observed row, in the data's units.</param>
    /// <param name="prior">Scales and noise; where it has a spread the task's own are found first, and are in the report.</param>
    /// <param name="space">Optional: forces a space instead of choosing the cheaper one.</param>
    /// <returns>The caller disposes it.</returns>
    /// <exception cref="ArgumentException">A width does not fit the network, there are no rows, or the prior is out of range.</exception>
    /// <exception cref="NumericsException">The network overflows on the data, or a matrix could not be factorised.</exception>
    public static TaskPosterior Fit(SourceNetwork source, TaskData data, Prior prior, PosteriorSpace? space = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(prior);
        CheckData(source, data);
        prior.Validate(source.Model.Spec);
        PosteriorSpace chosen = space ?? SpaceChoice.Choose(source.Model.Spec, prior, data.Rows);
        JacobianFactors? train = source.Linearise(data.Inputs);
        try
        {
            using DisposeScope scope = torch.NewDisposeScope();
            TaskFactors factors = OwnSpread.Find(source, data, prior, train);
            prior = prior.At(factors);
            torch.Tensor targets = StandardisedTargets(source, data);
            IPosterior posterior = prior.Coupling == OutputCoupling.Independent && train.Outputs > 1
                ? IndependentOutputsPosterior.Fit(train, targets, prior, (factors, column, its) => Condition(factors, column, its, chosen))
                : Condition(train, targets, prior, chosen);
            AdaptationReport report = Describe(source, train, data, prior, posterior, chosen) with { Factors = factors };
            JacobianFactors? kept = chosen == PosteriorSpace.Function ? train : null;
            train = chosen == PosteriorSpace.Function ? null : train;
            return new TaskPosterior(source, prior, posterior, kept, report, DirectFlops(source.Model.Spec, prior, chosen, data.Rows));
        }
        finally
        {
            train?.Dispose();
        }
    }

    /// <summary>Where a task stands in its fleet, without adapting it: for solves that are not <see cref="Fit"/>'s. Some hundred rows are looked at.</summary>
    /// <param name="source">The network; borrowed.</param>
    /// <param name="data">At least one observed row, in the data's units.</param>
    /// <param name="prior">The fleet's, with its spread.</param>
    /// <exception cref="ArgumentException">A width does not fit the network, there are no rows, or the prior is out of range.</exception>
    /// <exception cref="NumericsException">The network overflows on the data.</exception>
    public static TaskFactors FindFactors(SourceNetwork source, TaskData data, Prior prior)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(prior);
        CheckData(source, data);
        prior.Validate(source.Model.Spec);
        return OwnSpread.Find(source, data, prior);
    }

    /// <summary>The model that an iterative solve gave.</summary>
    /// <param name="source">The network; borrowed.</param>
    /// <param name="prior">The prior that it was solved with.</param>
    /// <param name="solved">What the solve gave.</param>
    /// <returns>The caller disposes it. It has no <see cref="Report"/>.</returns>
    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public static TaskPosterior Restore(SourceNetwork source, Prior prior, SolvedPosterior solved)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(prior);
        ArgumentNullException.ThrowIfNull(solved);
        NetworkSpec spec = source.Model.Spec;
        prior.Validate(spec);
        solved.Validate(spec, prior);
        double rows = solved.Inputs?.Rows ?? 0;
        double flops = (rows * NetworkCost.KernelPair(spec, Math.Max(1, rows), 1)) + (2.0 * solved.Factor.Rows * (solved.Factor.Rows + (rows * spec.Outputs)));
        return new TaskPosterior(source, prior, new SolvedTaskPosterior(source, prior, solved), null, null, spec.Outputs * flops);
    }

    /// <summary>The model that a refined fit gave; it owns the network.</summary>
    internal static TaskPosterior OfRefined(SourceNetwork network, Prior prior, RefinedPosterior posterior, AdaptationReport report) =>
        new(network, prior, posterior, null, report, DirectFlops(network.Model.Spec, prior, PosteriorSpace.Function, report.Observations / network.Model.Spec.Outputs));

    /// <summary>Predicts, in chunks of rows that bound the memory unless the joint covariance is wanted.</summary>
    /// <param name="inputs">[m, d], in the data's units, finite.</param>
    /// <param name="joint">Whether to give the covariance between rows, 8 (m c)^2 bytes.</param>
    /// <exception cref="ArgumentException">The width is not the network's, or a value is not finite.</exception>
    /// <exception cref="NonFiniteOutputException">The network overflows on an input.</exception>
    public Prediction Predict(RowMatrix inputs, bool joint = false)
    {
        _network.CheckInputs(inputs);
        int c = _network.Model.Spec.Outputs;
        var buffers = new PredictionBuffers(inputs.Rows, _network.Model.OutputStandardisation);
        int step = joint ? Math.Max(1, inputs.Rows) : ChunkRows();
        for (int start = 0; start < inputs.Rows; start += step)
        {
            int count = Math.Min(step, inputs.Rows - start);
            using DisposeScope scope = torch.NewDisposeScope();
            using JacobianFactors at = _network.Linearise(inputs, start, count);
            using PosteriorPrediction prediction = _posterior.Predict(at, joint ? PredictionKind.Joint : PredictionKind.Marginal);
            TensorInterop.CopyTo(prediction.Mean, buffers.Mean.AsSpan(start * c, count * c));
            TensorInterop.CopyTo(prediction.Variance!, buffers.Variance.AsSpan(start * c, count * c));
            TensorInterop.CopyTo(at.Output, buffers.Source.AsSpan(start * c, count * c));
            buffers.Covariance = joint ? TensorInterop.ToDoubles(prediction.Covariance!) : null;
        }

        return buffers.ToPrediction(_prior);
    }

    /// <summary>
    /// Draws whole functions from the posterior (latent, without noise) and evaluates them. A draw depends on the seed and its index only: the
    /// same seed at other inputs continues the same functions. Exact, without jitter: parameters are drawn, not function values.
    /// </summary>
    /// <param name="inputs">[m, d], in the data's units, finite.</param>
    /// <param name="count">The number of functions, at least 1; takes 8 p count bytes.</param>
    /// <param name="seed">The same seed gives the same functions on the same machine.</param>
    /// <returns>Per draw [m, c], in the data's units.</returns>
    /// <exception cref="ArgumentException">The width is not the network's, or a value is not finite.</exception>
    public RowMatrix[] Sample(RowMatrix inputs, int count, int seed)
    {
        _network.CheckInputs(inputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        int c = _network.Model.Spec.Outputs;
        double[][] draws = [.. Enumerable.Range(0, count).Select(_ => new double[inputs.Rows * c])];
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor parameters = _posterior.SampleParameters(count, seed);
        int step = ChunkRows();
        for (int start = 0; start < inputs.Rows; start += step)
        {
            int rows = Math.Min(step, inputs.Rows - start);
            using DisposeScope chunk = torch.NewDisposeScope();
            using JacobianFactors at = _network.Linearise(inputs, start, rows);
            torch.Tensor values = Values(at, parameters).t().contiguous();
            for (int s = 0; s < count; s++)
            {
                TensorInterop.CopyTo(values.select(0, s), draws[s].AsSpan(start * c, rows * c));
            }
        }

        return Array.ConvertAll(draws, d => _network.Model.OutputStandardisation.Invert(new RowMatrix(inputs.Rows, c, d)));
    }

    /// <summary>Examines the adaptation at some rows that it has seen: whether it helped, means what it says, and is the network's.</summary>
    /// <param name="sample">Rows of the task, in the data's units; O(m^3) for m of them.</param>
    /// <param name="observations">N = n c, of the whole task.</param>
    /// <param name="reference">Rows of the source, to compare with; null where they are not known.</param>
    /// <exception cref="ArgumentException">A width does not fit the network, or there are no rows.</exception>
    /// <exception cref="NumericsException">A matrix could not be factorised.</exception>
    public Diagnosis Diagnose(TaskData sample, int observations, RowMatrix? reference = null)
    {
        ArgumentNullException.ThrowIfNull(sample);
        CheckData(_network, sample);
        AdaptationReport report = SolveScores.Score(_network, _posterior, _prior, sample, observations, double.NaN, PosteriorSpace.Function);
        return new PosteriorDiagnostics(_network, _prior, _posterior).Examine(sample, report, reference);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _posterior.Dispose();
        _train?.Dispose();
    }

    internal static void CheckData(SourceNetwork source, TaskData data)
    {
        source.CheckInputs(data.Inputs);
        if (data.Rows == 0)
        {
            throw new ArgumentException("The task has no observations to adapt to.", nameof(data));
        }

        if (data.Targets.Columns != source.Model.Spec.Outputs)
        {
            throw new ArgumentException($"The network has {source.Model.Spec.Outputs} outputs, but the targets have {data.Targets.Columns} columns.", nameof(data));
        }
    }

    internal static torch.Tensor StandardisedTargets(SourceNetwork source, TaskData data)
    {
        RowMatrix standardised = source.Model.OutputStandardisation.Apply(data.Targets);
        return TensorInterop.FromDoubles(standardised.Values, [standardised.Rows, standardised.Columns], torch.ScalarType.Float64, torch.CPU);
    }

    private static double DirectFlops(NetworkSpec spec, Prior prior, PosteriorSpace space, int rows)
    {
        double side = space == PosteriorSpace.Function ? (double)rows * spec.Outputs : SpaceChoice.FreeParameters(spec, prior);
        return (rows * NetworkCost.KernelPair(spec, rows, rows)) + (spec.Outputs * side * side);
    }

    private static IPosterior Condition(JacobianFactors train, torch.Tensor targets, Prior prior, PosteriorSpace space) => space == PosteriorSpace.Function
        ? FunctionSpacePosterior.Fit(train, targets, prior)
        : ParameterSpacePosterior.Fit(train, targets, prior);

    private static AdaptationReport Describe(
        SourceNetwork source, JacobianFactors train, TaskData data, Prior prior, IPosterior posterior, PosteriorSpace space)
    {
        Standardisation units = source.Model.OutputStandardisation;
        double[] means = TensorInterop.ToDoubles(train.Output);
        return new AdaptationReport(
            train.Count,
            posterior.LogEvidence,
            posterior.LeaveOneOut.InDataUnits(units),
            LeaveOneOut.Score(means, SourceVariances(train, prior), units.Apply(data.Targets).Values).InDataUnits(units),
            [.. units.Scale.Select((scale, o) => scale * Math.Sqrt(prior.NoiseOf(o)))],
            posterior.EffectiveDimension,
            space,
            posterior.Jitter);
    }

    internal static double[] SourceVariances(JacobianFactors train, Prior prior)
    {
        var variances = new double[train.Count];
        if (prior.SourceResidualVariance is { } known)
        {
            Array.Fill(variances, known);
            return variances;
        }

        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor diagonal = PriorFunctions.Variances(train, prior);
        TensorInterop.CopyTo(diagonal, variances);
        for (int i = 0; i < variances.Length; i++)
        {
            variances[i] += prior.NoiseOf(i % train.Outputs);
        }

        return variances;
    }

    // m(x) + J(x) d for every draw, [m c, count]: of independent outputs each with its own part of d.
    private torch.Tensor Values(JacobianFactors at, torch.Tensor parameters)
    {
        long count = parameters.shape[1];
        if (_posterior is not IndependentOutputsPosterior)
        {
            return PriorFunctions.MeanAt(at, _prior, parameters).view(at.Count, count);
        }

        torch.Tensor values = torch.empty(at.Rows, at.Outputs, count, dtype: parameters.dtype, device: parameters.device);
        for (int o = 0; o < at.Outputs; o++)
        {
            using JacobianFactors rows = at.OfOutput(o);
            torch.Tensor own = parameters.narrow(0, (long)o * at.Spec.ParameterCount, at.Spec.ParameterCount);
            values.select(1, o).copy_(PriorFunctions.MeanAt(rows, _prior, own).view(at.Rows, count));
        }

        return values.view(at.Count, count);
    }

    private int ChunkRows()
    {
        NetworkSpec spec = _network.Model.Spec;
        long width = NetworkCost.FactorNumbers(spec);
        return (int)Math.Clamp(RowBudget / width, 1, 1 << 16);
    }
}
