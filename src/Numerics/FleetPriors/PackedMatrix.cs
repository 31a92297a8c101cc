using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// Symmetric and triangular matrices of some dozens of rows in managed memory, fp64: row i holds columns i to N - 1, one row after the other. A call of
/// LAPACK for such a matrix costs more than its arithmetic. Lanes of 256 bits whatever the machine has, so the bits are the same everywhere.
/// </summary>
internal static class PackedMatrix
{
    /// <summary>How many numbers a matrix of <paramref name="n"/> rows has.</summary>
    internal static int Length(int n) => n * (n + 1) / 2;

    /// <summary>The sum of the diagonal.</summary>
    internal static double Trace(ReadOnlySpan<double> matrix, int n)
    {
        double sum = 0;
        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            sum += matrix[start];
        }

        return sum;
    }

    /// <summary>Adds a number to every diagonal entry.</summary>
    internal static void AddToDiagonal(Span<double> matrix, int n, double value)
    {
        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            matrix[start] += value;
        }
    }

    /// <summary>x *= a.</summary>
    internal static void Scale(Span<double> x, double a)
    {
        foreach (ref double value in x)
        {
            value *= a;
        }
    }

    /// <summary>y += a x.</summary>
    internal static void AddScaled(ReadOnlySpan<double> x, double a, Span<double> y)
    {
        ref double from = ref MemoryMarshal.GetReference(x);
        ref double to = ref MemoryMarshal.GetReference(y);
        var factor = Vector256.Create(a);
        nuint i = 0;
        for (; i + 4 <= (nuint)x.Length; i += 4)
        {
            Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref from, i), factor, Vector256.LoadUnsafe(ref to, i)).StoreUnsafe(ref to, i);
        }

        if (i + 2 <= (nuint)x.Length)
        {
            Vector128.FusedMultiplyAdd(Vector128.LoadUnsafe(ref from, i), Vector128.Create(a), Vector128.LoadUnsafe(ref to, i)).StoreUnsafe(ref to, i);
            i += 2;
        }

        for (int rest = (int)i; rest < x.Length; rest++)
        {
            y[rest] = Math.FusedMultiplyAdd(x[rest], a, y[rest]);
        }
    }

    /// <summary>x^T y.</summary>
    internal static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        ref double left = ref MemoryMarshal.GetReference(x);
        ref double right = ref MemoryMarshal.GetReference(y);
        Vector256<double> even = Vector256<double>.Zero;
        Vector256<double> odd = Vector256<double>.Zero;
        nuint i = 0;
        for (; i + 8 <= (nuint)x.Length; i += 8)
        {
            even = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref left, i), Vector256.LoadUnsafe(ref right, i), even);
            odd = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref left, i + 4), Vector256.LoadUnsafe(ref right, i + 4), odd);
        }

        if (i + 4 <= (nuint)x.Length)
        {
            even = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref left, i), Vector256.LoadUnsafe(ref right, i), even);
            i += 4;
        }

        double sum = Vector256.Sum(even + odd);
        for (int rest = (int)i; rest < x.Length; rest++)
        {
            sum = Math.FusedMultiplyAdd(x[rest], y[rest], sum);
        }

        return sum;
    }

    /// <summary>A += x x^T.</summary>
    internal static void AddSquare(ReadOnlySpan<double> x, Span<double> matrix)
    {
        int n = x.Length;
        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            AddScaled(x[i..], x[i], matrix.Slice(start, n - i));
        }
    }

    /// <summary>C = R^T R in place, R upper triangular; N^3/3 flops.</summary>
    /// <returns>Whether C is positive definite and finite; if not, what it held is lost.</returns>
    internal static bool Factorise(Span<double> matrix, int n)
    {
        for (int k = 0, start = 0; k < n; start += n - k++)
        {
            Span<double> row = matrix.Slice(start, n - k);
            if (!(row[0] > 0) || !double.IsFinite(row[0]))
            {
                return false;
            }

            Scale(row, 1 / Math.Sqrt(row[0]));
            for (int i = k + 1, below = start + n - k; i < n; below += n - i++)
            {
                AddScaled(row[(i - k)..], -row[i - k], matrix.Slice(below, n - i));
            }
        }

        return true;
    }

    /// <summary>C^-1 = R^-1 R^-T; 2/3 N^3 flops.</summary>
    /// <param name="factor">R.</param>
    /// <param name="n">N.</param>
    /// <param name="triangle">Room for R^-1.</param>
    /// <param name="inverse">Receives C^-1.</param>
    internal static void Invert(ReadOnlySpan<double> factor, int n, Span<double> triangle, Span<double> inverse)
    {
        InvertTriangle(factor, n, triangle);
        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            for (int j = i, other = start; j < n; other += n - j++)
            {
                inverse[start + j - i] = Dot(triangle.Slice(start + j - i, n - j), triangle.Slice(other, n - j));
            }
        }
    }

    /// <summary>R^-1; N^3/3 flops.</summary>
    internal static void InvertTriangle(ReadOnlySpan<double> factor, int n, Span<double> triangle)
    {
        triangle.Clear();
        for (int i = n - 1, start = Length(n) - 1; i >= 0; start -= n - --i)
        {
            Span<double> row = triangle.Slice(start, n - i);
            row[0] = 1;
            for (int k = i + 1, below = start + n - i; k < n; below += n - k++)
            {
                AddScaled(triangle.Slice(below, n - k), -factor[start + k - i], row[(k - i)..]);
            }

            Scale(row, 1 / factor[start]);
        }
    }

    /// <summary>y += A x for a symmetric A.</summary>
    internal static void AddProduct(ReadOnlySpan<double> matrix, ReadOnlySpan<double> x, Span<double> y)
    {
        int n = x.Length;
        for (int i = 0, start = 0; i < n; start += n - i++)
        {
            ReadOnlySpan<double> row = matrix.Slice(start, n - i);
            y[i] += Dot(row, x[i..]);
            AddScaled(row[1..], x[i], y[(i + 1)..]);
        }
    }

    /// <summary>x = R^-T x: the forward half of a solve.</summary>
    internal static void SolveForward(ReadOnlySpan<double> factor, Span<double> x)
    {
        int n = x.Length;
        for (int k = 0, start = 0; k < n; start += n - k++)
        {
            x[k] /= factor[start];
            AddScaled(factor.Slice(start + 1, n - k - 1), -x[k], x[(k + 1)..]);
        }
    }

    /// <summary>x = R^-1 x: the backward half of a solve.</summary>
    internal static void SolveBackward(ReadOnlySpan<double> factor, Span<double> x)
    {
        int n = x.Length;
        for (int k = n - 1, start = Length(n) - 1; k >= 0; start -= n - --k)
        {
            x[k] = (x[k] - Dot(factor.Slice(start + 1, n - k - 1), x[(k + 1)..])) / factor[start];
        }
    }
}
