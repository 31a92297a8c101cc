namespace AdaptCluster.Numerics.Solvers;

/// <summary>
/// What one Lanczos run from r says about a symmetric positive semi-definite A for every shift at once: r^T f(A + lambda I) r by Gauss quadrature, exact once
/// the space is exhausted. Managed memory only.
/// </summary>
/// <remarks>
/// Golub and Meurant, <em>Matrices, Moments and Quadrature</em>, 2010; Ubaru, Chen and Saad, <em>Fast estimation of tr(f(A)) via stochastic Lanczos
/// quadrature</em>, 2017. Deviation: Ritz values below 0 are rounding, and are taken as 0.
/// </remarks>
internal sealed class LanczosSpectrum
{
    private readonly double _square; // |r|^2
    private readonly double[] _values = [];
    private readonly double[] _weights = [];

    /// <summary>Decomposes the run's matrix.</summary>
    /// <exception cref="ArgumentException">The run broke down in its first step.</exception>
    internal LanczosSpectrum(LanczosColumn column)
    {
        _square = column.Norm * column.Norm;
        if (column.Diagonal.Count > 0)
        {
            Tridiagonal matrix = Tridiagonal.Decompose(column.Diagonal, column.OffDiagonal);
            _values = Array.ConvertAll(matrix.Values, value => Math.Max(value, 0));
            _weights = matrix.Weights;
        }
        else if (column.Norm != 0)
        {
            throw new ArgumentException($"The run has no step: it is {column.Status}.", nameof(column));
        }
    }

    /// <summary>r^T (A + shift I)^-1 r. Grows with every step of the run, and is never above the true value but for rounding.</summary>
    /// <param name="shift">lambda, positive.</param>
    internal double InverseQuadratic(double shift) => Quadratic(shift, value => 1 / value);

    /// <summary>r^T log(A + shift I) r.</summary>
    /// <param name="shift">lambda, positive.</param>
    internal double LogQuadratic(double shift) => Quadratic(shift, Math.Log);

    /// <summary>
    /// log|A + shift I| from probes, one run each, that started at independent standard normal vectors: the mean of <see cref="LogQuadratic"/>, which is
    /// unbiased for runs that are exact, and its standard error (NaN for one probe).
    /// </summary>
    internal static (double Value, double StandardError) LogDeterminant(IReadOnlyList<LanczosSpectrum> probes, double shift) =>
        SampleMean.Of([.. probes.Select(probe => probe.LogQuadratic(shift))]);

    private double Quadratic(double shift, Func<double, double> function)
    {
        if (!(shift > 0) || !double.IsFinite(shift))
        {
            throw new ArgumentOutOfRangeException(nameof(shift), $"The shift must be positive, but is {shift}.");
        }

        double sum = 0;
        for (int i = 0; i < _values.Length; i++)
        {
            sum += _weights[i] * function(_values[i] + shift);
        }

        return _square * sum;
    }
}
