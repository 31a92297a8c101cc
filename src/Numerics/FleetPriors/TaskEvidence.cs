using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// The evidence of one task from its blocks' kernels, with gradient and average information: N^3 + B N^2 multiply-adds, and nothing is allocated per task.
/// One thread at a time; memory for the largest task that it has seen.
/// </summary>
/// <remarks>
/// Gilmour, Thompson and Cullis, <em>Average information REML</em>, Biometrics 51, 1995: the mean of observed and expected information of scales is
/// 1/2 alpha^T dC_a C^-1 dC_b alpha, for which B products with a vector are enough.
/// </remarks>
internal sealed class TaskEvidence
{
    private double[] _factor = [];
    private double[] _triangle = [];
    private double[] _inverse = [];
    private double[] _alpha = [];
    private double[] _residuals = [];
    private double[] _vectors = [];

    /// <summary>Adds the task's value, gradient and information to <paramref name="terms"/>; its value becomes NaN where C has no factor.</summary>
    /// <param name="terms">What it is added to.</param>
    /// <param name="task">The task.</param>
    /// <param name="prior">Scales and noise.</param>
    /// <param name="moves">Of a prior with shift or directions: the task's features; what pulls at them is filled in.</param>
    internal void AddTo(TaskTerms terms, TaskKernels task, Prior prior, TaskMoves? moves)
    {
        int n = task.Count;
        Reserve(n, terms.Gradient.Length);
        terms.Observations += n;
        Span<double> factor = _factor.AsSpan(0, PackedMatrix.Length(n));
        Span<double> alpha = _alpha.AsSpan(0, n);
        if (!Factorise(task, prior, moves, factor))
        {
            terms.LogEvidence = double.NaN;
            return;
        }

        Span<double> residuals = _residuals.AsSpan(0, n);
        task.Residuals.CopyTo(residuals);
        if (moves is not null)
        {
            PackedMatrix.AddScaled(moves.Feature(moves.Rank), -1, residuals);
        }

        residuals.CopyTo(alpha);
        PackedMatrix.SolveForward(factor, alpha);
        PackedMatrix.SolveBackward(factor, alpha);
        double misfit = PackedMatrix.Dot(residuals, alpha);
        terms.Misfit += misfit;
        terms.LogEvidence -= (0.5 * misfit) + LogDiagonal(factor, n) + (0.5 * n * Math.Log(2 * Math.PI));
        AddGradient(terms, task, prior, moves, factor, alpha);
        AddInformation(terms, task, prior, factor, alpha);
    }

    private static bool Factorise(TaskKernels task, Prior prior, TaskMoves? moves, Span<double> factor)
    {
        double mean = 0;
        for (double relative = 0; relative <= Factorisation.LargestJitter * 1.5; relative = relative == 0 ? Factorisation.SmallestJitter : relative * 10)
        {
            Assemble(task, prior, moves, factor);
            mean = relative == 0 ? PackedMatrix.Trace(factor, task.Count) / task.Count : mean;
            PackedMatrix.AddToDiagonal(factor, task.Count, relative * mean);
            if (PackedMatrix.Factorise(factor, task.Count))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds sum_b theta_b K_b + F F^T to a packed matrix.</summary>
    internal static void AddKernel(TaskKernels task, Prior prior, TaskMoves? moves, Span<double> matrix)
    {
        for (int b = 0; b < prior.BlockScales.Length; b++)
        {
            PackedMatrix.AddScaled(task.Block(b), prior.BlockScales[b], matrix);
        }

        for (int k = 0; k < (moves?.Rank ?? 0); k++)
        {
            PackedMatrix.AddSquare(moves!.Feature(k), matrix);
        }
    }

    private static void Assemble(TaskKernels task, Prior prior, TaskMoves? moves, Span<double> matrix)
    {
        int n = task.Count;
        matrix.Clear();
        AddKernel(task, prior, moves, matrix);
        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            matrix[start] += prior.NoiseOf(task.OutputOf(i));
        }
    }

    // dC_b contracted with W = alpha alpha^T - C^-1; of the diagonal half, because the rest stands for both triangles.
    private void AddGradient(TaskTerms terms, TaskKernels task, Prior prior, TaskMoves? moves, ReadOnlySpan<double> factor, ReadOnlySpan<double> alpha)
    {
        int n = task.Count;
        int blocks = prior.BlockScales.Length;
        Span<double> weights = _inverse.AsSpan(0, factor.Length);
        PackedMatrix.Invert(factor, n, _triangle.AsSpan(0, factor.Length), weights);
        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            Span<double> row = weights.Slice(start, n - i);
            for (int j = 0; j < row.Length; j++)
            {
                row[j] = (alpha[i] * alpha[i + j]) - row[j];
            }
        }

        if (moves is not null)
        {
            for (int k = 0; k < moves.Rank; k++)
            {
                moves.Pull(k).Clear();
                PackedMatrix.AddProduct(weights, moves.Feature(k), moves.Pull(k));
            }

            alpha.CopyTo(moves.Pull(moves.Rank));
        }

        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            weights[start] *= 0.5;
            terms.Gradient[blocks + NoiseIndex(prior, task.OutputOf(i))] += prior.NoiseOf(task.OutputOf(i)) * weights[start];
        }

        for (int b = 0; b < blocks; b++)
        {
            terms.Gradient[b] += prior.BlockScales[b] * PackedMatrix.Dot(weights, task.Block(b));
        }
    }

    private void AddInformation(TaskTerms terms, TaskKernels task, Prior prior, ReadOnlySpan<double> factor, ReadOnlySpan<double> alpha)
    {
        int n = task.Count;
        int blocks = prior.BlockScales.Length;
        int q = terms.Gradient.Length;
        Span<double> vectors = _vectors.AsSpan(0, q * n);
        vectors.Clear();
        for (int i = 0; i < n; i++)
        {
            vectors[((blocks + NoiseIndex(prior, task.OutputOf(i))) * n) + i] = prior.NoiseOf(task.OutputOf(i)) * alpha[i];
        }

        for (int a = 0; a < q; a++)
        {
            Span<double> vector = vectors.Slice(a * n, n);
            if (a < blocks)
            {
                PackedMatrix.AddProduct(task.Block(a), alpha, vector);
                PackedMatrix.Scale(vector, prior.BlockScales[a]);
            }

            PackedMatrix.SolveForward(factor, vector);
            for (int b = 0; b <= a; b++)
            {
                double value = 0.5 * PackedMatrix.Dot(vector, vectors.Slice(b * n, n));
                terms.Information[(a * q) + b] += value;
                terms.Information[(b * q) + a] = terms.Information[(a * q) + b];
            }
        }
    }

    private static int NoiseIndex(Prior prior, int output) => prior.NoiseVariance.Length == 1 ? 0 : output;

    private static double LogDiagonal(ReadOnlySpan<double> factor, int n)
    {
        double sum = 0;
        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            sum += Math.Log(factor[start]);
        }

        return sum;
    }

    private void Reserve(int n, int q)
    {
        if (_alpha.Length < n)
        {
            (_factor, _triangle, _inverse) = (new double[PackedMatrix.Length(n)], new double[PackedMatrix.Length(n)], new double[PackedMatrix.Length(n)]);
            (_alpha, _residuals) = (new double[n], new double[n]);
        }

        if (_vectors.Length < n * q)
        {
            _vectors = new double[n * q];
        }
    }
}
