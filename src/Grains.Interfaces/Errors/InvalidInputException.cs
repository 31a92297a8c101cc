namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>A value that was sent cannot be used. Nothing was changed.</summary>
[GenerateSerializer, Alias("adapt.InvalidInputException")]
public sealed class InvalidInputException : AdaptException
{
    /// <summary>Reports what is wrong with one input.</summary>
    /// <param name="input">The name of the option, field or place, as the caller knows it.</param>
    /// <param name="problem">What is wrong with it.</param>
    /// <param name="remedy">What to do.</param>
    public InvalidInputException(string input, string problem, string remedy)
        : base($"{input}: {problem}; {remedy}.")
    {
        Input = input;
    }

    /// <summary>The name of the option, field or place.</summary>
    [Id(0)]
    public string Input { get; }

    /// <inheritdoc/>
    public override bool IsRetryable => false;

    /// <inheritdoc/>
    public override bool IsCallersFault => true;
}
