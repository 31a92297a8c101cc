using AdaptCluster.Numerics.FleetPriors;

namespace AdaptCluster.Numerics.Spreads;

/// <summary>
/// The spectrum of a small task in managed memory: a call of LAPACK for some dozens of rows costs more than its arithmetic, and the eigenvectors are not
/// wanted, only what the residuals are along them. 4/3 N^3 flops.
/// </summary>
/// <remarks>
/// Golub and Van Loan, <em>Matrix Computations</em>, 2013, 8.3.1 (Householder) and 8.3.5 (implicit shifts). Every reflection and rotation is applied to the residuals
/// instead of to a matrix of vectors.
/// </remarks>
internal static class PackedSpectrum
{
    private const int MostSweeps = 60; // per eigenvalue; two are usual

    /// <summary>Of one kernel.</summary>
    /// <param name="matrix">K as <see cref="PackedMatrix"/> holds it; what it held is lost.</param>
    /// <param name="residuals">[N]; what they were is lost.</param>
    /// <returns>The spectrum; null where K or the residuals are not finite.</returns>
    internal static Spectrum? Of(Span<double> matrix, Span<double> residuals)
    {
        int n = residuals.Length;
        var values = new double[n];
        var off = new double[n];
        Tridiagonalise(matrix, residuals, values, off);
        if (!off.All(double.IsFinite) || !Diagonalise(values, off, residuals))
        {
            return null;
        }

        var squares = new double[n];
        var counts = new double[n];
        for (int i = 0; i < n; i++)
        {
            values[i] = Math.Max(values[i], 0);
            squares[i] = residuals[i] * residuals[i];
            counts[i] = 1;
        }

        return squares.All(double.IsFinite) && values.All(double.IsFinite) ? new Spectrum(values, squares, counts) : null;
    }

    // Column by column a reflection of what is below the subdiagonal; the rest of the packed triangle is the packed triangle of the rest.
    private static void Tridiagonalise(Span<double> matrix, Span<double> residuals, Span<double> diagonal, Span<double> off)
    {
        int n = residuals.Length;
        var room = new double[n];
        for (int k = 0, start = 0; k < n; start += n - k++)
        {
            diagonal[k] = matrix[start];
            int m = n - k - 1;
            if (m == 0)
            {
                break;
            }

            Span<double> v = matrix.Slice(start + 1, m);
            double norm = Math.Sqrt(PackedMatrix.Dot(v, v));
            double alpha = v[0] > 0 ? -norm : norm;
            off[k] = alpha;
            double square = norm * (norm + Math.Abs(v[0])); // v^T v / 2 after the next line
            v[0] -= alpha;
            if (m == 1 || !(square > 0))
            {
                off[k] = m == 1 ? v[0] + alpha : alpha;
                continue;
            }

            double beta = 1 / square;
            Span<double> rest = matrix.Slice(start + n - k, PackedMatrix.Length(m));
            Span<double> w = room.AsSpan(0, m);
            w.Clear();
            PackedMatrix.AddProduct(rest, v, w);
            PackedMatrix.Scale(w, beta);
            PackedMatrix.AddScaled(v, -0.5 * beta * PackedMatrix.Dot(w, v), w);
            for (int i = 0, row = 0; i < m; row += m - i++)
            {
                PackedMatrix.AddScaled(w[i..], -v[i], rest.Slice(row, m - i));
                PackedMatrix.AddScaled(v[i..], -w[i], rest.Slice(row, m - i));
            }

            PackedMatrix.AddScaled(v, -beta * PackedMatrix.Dot(v, residuals[(k + 1)..]), residuals[(k + 1)..]);
        }
    }

    private static bool Diagonalise(Span<double> diagonal, Span<double> off, Span<double> residuals)
    {
        int n = diagonal.Length;
        double least = 1e-17 * Largest(diagonal);
        for (int l = 0; l < n; l++)
        {
            for (int sweep = 0; ; sweep++)
            {
                int m = l;
                while (m < n - 1 && Math.Abs(off[m]) > least + (1e-16 * (Math.Abs(diagonal[m]) + Math.Abs(diagonal[m + 1]))))
                {
                    m++;
                }

                if (m == l)
                {
                    break;
                }

                if (sweep == MostSweeps)
                {
                    return false;
                }

                Sweep(diagonal, off, residuals, l, m);
            }
        }

        return true;
    }

    private static double Largest(ReadOnlySpan<double> values)
    {
        double largest = 0;
        foreach (double value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        return largest;
    }

    private static void Sweep(Span<double> diagonal, Span<double> off, Span<double> residuals, int l, int m)
    {
        double g = (diagonal[l + 1] - diagonal[l]) / (2 * off[l]);
        g = diagonal[m] - diagonal[l] + (off[l] / (g + Math.CopySign(Math.Sqrt((g * g) + 1), g)));
        double s = 1;
        double c = 1;
        double p = 0;
        for (int i = m - 1; i >= l; i--)
        {
            double f = s * off[i];
            double b = c * off[i];
            double r = Math.Sqrt((f * f) + (g * g));
            off[i + 1] = r;
            if (r == 0)
            {
                diagonal[i + 1] -= p;
                off[m] = 0;
                return;
            }

            s = f / r;
            c = g / r;
            g = diagonal[i + 1] - p;
            r = ((diagonal[i] - g) * s) + (2 * c * b);
            p = s * r;
            diagonal[i + 1] = g + p;
            g = (c * r) - b;
            (residuals[i + 1], residuals[i]) = ((s * residuals[i]) + (c * residuals[i + 1]), (c * residuals[i]) - (s * residuals[i + 1]));
        }

        diagonal[l] -= p;
        off[l] = g;
        off[m] = 0;
    }
}
