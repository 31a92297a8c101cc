namespace AdaptCluster.Grains.Interfaces.Hosting;

/// <summary>What a client asks first. Stateless; this contract never changes.</summary>
[Alias("adapt.IHandshakeGrain")]
public interface IHandshakeGrain : IGrainWithIntegerKey
{
    /// <summary>Says what the silo is that the client has reached.</summary>
    /// <param name="client">What the client is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Errors.IncompatibleBuildException">They do not understand each other.</exception>
    [Alias("Greet")]
    Task<BuildDescription> GreetAsync(BuildDescription client, CancellationToken cancellationToken = default);
}
