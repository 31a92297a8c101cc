namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>The name is taken, and what it names is not replaced.</summary>
[GenerateSerializer, Alias("adapt.AlreadyExistsException")]
public sealed class AlreadyExistsException : AdaptException
{
    /// <summary>Reports a taken name.</summary>
    public AlreadyExistsException(string kind, string name)
        : base($"a {kind} named '{name}' exists already; choose another name.")
    {
        Kind = kind;
        Name = name;
    }

    /// <summary>What the name is taken by.</summary>
    [Id(0)]
    public string Kind { get; }

    /// <summary>The name.</summary>
    [Id(1)]
    public string Name { get; }

    /// <inheritdoc/>
    public override bool IsRetryable => false;

    /// <inheritdoc/>
    public override bool IsCallersFault => true;
}
