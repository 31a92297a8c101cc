using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Hosting;
using Orleans.Concurrency;

namespace AdaptCluster.Grains.Hosting;

/// <inheritdoc cref="IHandshakeGrain"/>
[StatelessWorker]
internal sealed class HandshakeGrain(BuildDescription own) : Grain, IHandshakeGrain
{
    public Task<BuildDescription> GreetAsync(BuildDescription client, CancellationToken cancellationToken) =>
        client.Protocol == own.Protocol
            ? Task.FromResult(own)
            : throw new IncompatibleBuildException("this client", client, "the cluster's silo", own, "use the version that the cluster is");
}
