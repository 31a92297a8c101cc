using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AdaptCluster.Client.Connections;

/// <summary>Registers the SDK with an application's services.</summary>
public static class AdaptClientServices
{
    /// <summary>
    /// Adds <see cref="AdaptClients"/>, and <see cref="AdaptClient"/> of the default tenant. They connect when the host starts,
    /// which fails where no silo answers, and disconnect with it.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="options">How to reach the cluster.</param>
    public static IServiceCollection AddAdaptClient(this IServiceCollection services, ClusterConnectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.AddSingleton(_ => new AdaptClients(options));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<AdaptClients>());
        services.AddSingleton(provider => provider.GetRequiredService<AdaptClients>().For());
        return services;
    }
}
