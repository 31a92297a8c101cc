using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;
using AdaptCluster.Numerics.Tensors;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>
/// One task's Cholesky factor, evidence, leave-one-out and alpha from its kernel, in managed memory and fp64: what <see cref="FunctionSpacePosterior"/> computes,
/// without a call of LAPACK per step. N^3/3 multiply-adds. One thread at a time; keeps room for the largest task that it has seen.
/// </summary>
internal sealed class DualFit
{
    private double[] _triangle = [];
    private double[] _residuals = [];
    private double[] _precision = [];

    /// <summary>Fits one task.</summary>
    /// <param name="task">The task, N = n c observations.</param>
    /// <param name="prior">What the batch shares.</param>
    /// <param name="model">The source.</param>
    /// <param name="kernel">The prior covariance of the function at its rows, row-major; what lies beyond the first N rows and columns is padding and not read.</param>
    /// <param name="stride">How many columns that has.</param>
    /// <param name="output">The network's standardised output, at least N numbers.</param>
    /// <param name="shift">J d0, at least N numbers; empty where the prior has no shift.</param>
    /// <exception cref="NumericsException">The network overflows on a row, or the covariance has no factor.</exception>
    internal BatchFit Run(
        BatchTask task, Prior prior, SourceModel model, ReadOnlySpan<double> kernel, int stride, ReadOnlySpan<double> output, ReadOnlySpan<double> shift)
    {
        double[] targets = model.OutputStandardisation.Apply(task.Data.Targets).Values;
        int n = targets.Length;
        Reserve(n);
        Span<double> residuals = _residuals.AsSpan(0, n);
        Subtract(targets, prior, output, shift, model.Spec.Outputs, residuals);
        var factor = new double[PackedMatrix.Length(n)];
        TaskFactors own = task.Factors ?? Find(prior, model.Spec.Outputs, kernel, stride, residuals, factor);
        double jitter = Factorise(own, prior, model.Spec.Outputs, kernel, stride, n, factor);
        double[] alpha = residuals.ToArray();
        PackedMatrix.SolveForward(factor, alpha);
        PackedMatrix.SolveBackward(factor, alpha);
        Span<double> precision = _precision.AsSpan(0, n);
        InverseDiagonal(factor, precision);
        return new BatchFit(
            new DualPosterior(task.Data, prior, own, alpha, factor),
            new AdaptationReport(
                n,
                -(0.5 * PackedMatrix.Dot(residuals, alpha)) - LogDiagonal(factor, n) - (0.5 * n * Math.Log(2 * Math.PI)),
                LeaveOut(task, model, targets, alpha, precision),
                SourceOnly(task, own, prior, model, kernel, stride, output),
                [.. model.OutputStandardisation.Scale.Select((scale, o) => scale * Math.Sqrt(prior.NoiseOf(o) * own.Noise))],
                Dimension(own, prior, model.Spec.Outputs, precision),
                PosteriorSpace.Function,
                jitter)
            {
                Factors = own,
            });
    }

    private static void Subtract(
        double[] targets, Prior prior, ReadOnlySpan<double> output, ReadOnlySpan<double> shift, int outputs, Span<double> residuals)
    {
        for (int i = 0; i < targets.Length; i++)
        {
            if (!double.IsFinite(output[i]))
            {
                throw new NonFiniteOutputException(i / outputs);
            }

            residuals[i] = targets[i] - (prior.Mean == PriorMean.Source ? output[i] : 0) - (shift.IsEmpty ? 0 : shift[i]);
        }
    }

    // As OwnSpread does it with so few observations: by the spectrum of all of them. What the room holds is lost.
    private TaskFactors Find(Prior prior, int outputs, ReadOnlySpan<double> kernel, int stride, ReadOnlySpan<double> residuals, double[] room)
    {
        if (prior.Spread.IsNone)
        {
            return TaskFactors.Fleet;
        }

        int n = residuals.Length;
        Span<double> noise = _precision.AsSpan(0, n);
        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            kernel.Slice((i * stride) + i, n - i).CopyTo(room.AsSpan(start));
            noise[i] = prior.NoiseOf(i % outputs);
        }

        return TaskSpectrum.OfPacked(room, residuals.ToArray(), noise) is { } spectrum
            ? OwnSpread.FindMode(spectrum, SpreadPrior.Of(prior.Spread)).Factors
            : TaskFactors.Fleet;
    }

    // The library's one rule about jitter, as in Factorisation.
    private static double Factorise(TaskFactors own, Prior prior, int outputs, ReadOnlySpan<double> kernel, int stride, int n, double[] factor)
    {
        double unit = 0;
        double added = 0;
        for (double relative = 0; relative <= Factorisation.LargestJitter * 1.5; relative = relative == 0 ? Factorisation.SmallestJitter : relative * 10)
        {
            Assemble(own, prior, outputs, kernel, stride, n, factor);
            unit = relative == 0 ? PackedMatrix.Trace(factor, n) / n : unit;
            added = relative * unit;
            PackedMatrix.AddToDiagonal(factor, n, added);
            if (PackedMatrix.Factorise(factor, n))
            {
                return added;
            }
        }

        throw new NotPositiveDefiniteException("covariance of the observations", n, added);
    }

    private static void Assemble(TaskFactors own, Prior prior, int outputs, ReadOnlySpan<double> kernel, int stride, int n, double[] matrix)
    {
        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            Span<double> row = matrix.AsSpan(start, n - i);
            kernel.Slice((i * stride) + i, n - i).CopyTo(row);
            if (own.Scale != 1)
            {
                PackedMatrix.Scale(row, own.Scale);
            }

            row[0] += prior.NoiseOf(i % outputs) * own.Noise;
        }
    }

    // The diagonal of C^-1 = R^-1 R^-T: the rows of R^-1 squared.
    private void InverseDiagonal(double[] factor, Span<double> diagonal)
    {
        int n = diagonal.Length;
        Span<double> triangle = _triangle.AsSpan(0, factor.Length);
        PackedMatrix.InvertTriangle(factor, n, triangle);
        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            ReadOnlySpan<double> row = triangle.Slice(start, n - i);
            diagonal[i] = PackedMatrix.Dot(row, row);
        }
    }

    // In the data's units at once.
    private static LeaveOneOut LeaveOut(BatchTask task, SourceModel model, double[] targets, double[] alpha, ReadOnlySpan<double> precision)
    {
        int c = model.Spec.Outputs;
        var means = new double[targets.Length];
        var variances = new double[targets.Length];
        for (int i = 0; i < means.Length; i++)
        {
            double scale = model.OutputStandardisation.Scale[i % c];
            means[i] = ((targets[i] - (alpha[i] / precision[i])) * scale) + model.OutputStandardisation.Mean[i % c];
            variances[i] = scale * scale / precision[i];
        }

        return LeaveOneOut.Score(means, variances, task.Data.Targets.Values);
    }

    private static LeaveOneOut SourceOnly(
        BatchTask task, TaskFactors own, Prior prior, SourceModel model, ReadOnlySpan<double> kernel, int stride, ReadOnlySpan<double> output)
    {
        int c = model.Spec.Outputs;
        var means = new double[task.Data.Targets.Values.Length];
        var variances = new double[means.Length];
        for (int i = 0; i < means.Length; i++)
        {
            double scale = model.OutputStandardisation.Scale[i % c];
            double variance = prior.SourceResidualVariance ?? ((kernel[(i * stride) + i] * own.Scale) + (prior.NoiseOf(i % c) * own.Noise));
            means[i] = (output[i] * scale) + model.OutputStandardisation.Mean[i % c];
            variances[i] = variance * scale * scale;
        }

        return LeaveOneOut.Score(means, variances, task.Data.Targets.Values);
    }

    // tr(K C^-1) = N - tr(Sigma C^-1).
    private static double Dimension(TaskFactors own, Prior prior, int outputs, ReadOnlySpan<double> precision)
    {
        double dimension = 0;
        for (int i = 0; i < precision.Length; i++)
        {
            dimension += 1 - (prior.NoiseOf(i % outputs) * own.Noise * precision[i]);
        }

        return dimension;
    }

    private static double LogDiagonal(double[] factor, int n)
    {
        double sum = 0;
        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            sum += Math.Log(factor[start]);
        }

        return sum;
    }

    private void Reserve(int n)
    {
        if (_residuals.Length < n)
        {
            (_triangle, _residuals, _precision) = (new double[PackedMatrix.Length(n)], new double[n], new double[n]);
        }
    }
}
