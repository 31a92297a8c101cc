namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>No silo answers at the addresses that were given.</summary>
[GenerateSerializer, Alias("adapt.ClusterUnreachableException")]
public sealed class ClusterUnreachableException : AdaptException
{
    /// <summary>Reports unreachable gateways.</summary>
    public ClusterUnreachableException(string addresses, Exception? innerException)
        : base($"no silo answers at {addresses}; start one with 'adapt silo' or check the address.", innerException)
    {
        Addresses = addresses;
    }

    /// <summary>The addresses that were tried.</summary>
    [Id(0)]
    public string Addresses { get; }

    /// <inheritdoc/>
    public override bool IsRetryable => true;

    /// <inheritdoc/>
    public override bool IsCallersFault => false;
}
