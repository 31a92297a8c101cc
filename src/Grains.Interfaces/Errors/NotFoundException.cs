namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>A source, task or prior that was named does not exist.</summary>
[GenerateSerializer, Alias("adapt.NotFoundException")]
public sealed class NotFoundException : AdaptException
{
    /// <summary>Reports a missing thing.</summary>
    /// <param name="kind">What it would be: "source", "task", "prior".</param>
    /// <param name="name">Its name.</param>
    /// <param name="remedy">What to do.</param>
    public NotFoundException(string kind, string name, string remedy)
        : base($"no {kind} named '{name}'; {remedy}.")
    {
        Kind = kind;
        Name = name;
    }

    /// <summary>What it would be.</summary>
    [Id(0)]
    public string Kind { get; }

    /// <summary>The name that was asked for.</summary>
    [Id(1)]
    public string Name { get; }

    /// <inheritdoc/>
    public override bool IsRetryable => false;

    /// <inheritdoc/>
    public override bool IsCallersFault => true;
}
