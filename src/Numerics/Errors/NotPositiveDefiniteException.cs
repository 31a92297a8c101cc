namespace AdaptCluster.Numerics.Errors;

/// <summary>A covariance or precision matrix could not be factorised, even with the largest jitter that is allowed.</summary>
public sealed class NotPositiveDefiniteException : NumericsException
{
    internal NotPositiveDefiniteException(string matrix, long size, double jitter)
        : base($"The {size} x {size} {matrix} is not positive definite, even with a jitter of {jitter:R} on its diagonal. " +
               "Raise the noise variance, lower the prior scales, or look for extreme inputs (far outside the source network's training range).")
    {
        Matrix = matrix;
        Size = size;
        Jitter = jitter;
    }

    /// <summary>Which matrix it was.</summary>
    public string Matrix { get; }

    /// <summary>Its number of rows.</summary>
    public long Size { get; }

    /// <summary>The largest jitter that was tried, in the matrix's own unit.</summary>
    public double Jitter { get; }
}
