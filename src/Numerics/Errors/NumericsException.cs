namespace AdaptCluster.Numerics.Errors;

/// <summary>The root of every error of this library that is not a wrong argument. Its message says what failed, where, and what to do.</summary>
public abstract class NumericsException : Exception
{
    private protected NumericsException(string message)
        : base(message)
    {
    }
}
