namespace AdaptCluster.Numerics.Solvers;

/// <summary>
/// What the recurrence of a column says about the spectrum of P^-1/2 A P^-1/2: its Ritz values, and the quadrature of a function of that matrix at the
/// right-hand side.
/// </summary>
/// <remarks>Ubaru, Chen and Saad, <em>Fast estimation of tr(f(A)) via stochastic Lanczos quadrature</em>, 2017; the preconditioned form of Gardner et al. 2018.</remarks>
internal static class LanczosQuadrature
{
    /// <summary>v^T f(P^-1/2 A P^-1/2) v with v = P^-1/2 b, for f = log: its mean over b ~ N(0, P) is log|A| - log|P|.</summary>
    internal static double LogQuadratic(CgColumn column)
    {
        if (column.FirstSquare == 0 || column.Steps.Count == 0)
        {
            return 0;
        }

        (double[] values, double[] weights, _) = Decompose(column);
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            sum += weights[i] * Math.Log(Math.Max(values[i], 1e-300));
        }

        return column.FirstSquare * sum;
    }

    /// <summary>
    /// The smallest Ritz value less the norm of its residual: an eigenvalue lies within that of it. An estimate and no lower bound: a smaller
    /// eigenvalue whose vector the right-hand side hardly has is not seen. NaN where there was no step.
    /// </summary>
    internal static double SmallestEigenvalue(CgColumn column)
    {
        if (column.Steps.Count == 0)
        {
            return double.NaN;
        }

        (double[] values, _, double[] residuals) = Decompose(column);
        int smallest = Array.IndexOf(values, values.Min());
        return Math.Max(0, values[smallest] - residuals[smallest]);
    }

    // T's spectrum, and the norms of its Ritz vectors' residuals: beta_m |s_m|.
    private static (double[] Values, double[] Weights, double[] Residuals) Decompose(CgColumn column)
    {
        int m = column.Steps.Count;
        var diagonal = new double[m];
        var offDiagonal = new double[m];
        for (int i = 0; i < m; i++)
        {
            diagonal[i] = (1 / column.Steps[i]) + (i == 0 ? 0 : column.Ratios[i - 1] / column.Steps[i - 1]);
            offDiagonal[i] = i < column.Ratios.Count ? Math.Sqrt(Math.Max(0, column.Ratios[i])) / column.Steps[i] : 0;
        }

        Tridiagonal matrix = Tridiagonal.Decompose(diagonal, offDiagonal);
        return (matrix.Values, matrix.Weights, Array.ConvertAll(matrix.Last, last => last * Math.Abs(offDiagonal[m - 1])));
    }
}
