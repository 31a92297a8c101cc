using AdaptCluster.Grains.Interfaces.Hosting;
using AdaptCluster.Silo.Stores;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Clustering;

/// <summary>Which silos are alive: Orleans' membership in the shared Redis server, set so that a killed silo is missed in seconds.</summary>
/// <remarks>
/// Cores that torch keeps busy answer late, so patience is in the number of probes, and a silo whose connection still
/// brings messages is not declared dead (Orleans' default). One vote is enough: a silo declared dead by mistake
/// ends itself, and what it held is rebuilt from the store.
/// </remarks>
internal static class RedisMembership
{
    /// <summary>A probe without an answer for this long has failed; Orleans adapts it to 0.5 to 4 times of it by what it measures.</summary>
    private static readonly TimeSpan s_probeTimeout = TimeSpan.FromSeconds(1);

    private const int MissedProbes = 3;
    private const int Votes = 1;

    /// <summary>What gossip did not bring is read after this time.</summary>
    private static readonly TimeSpan s_tableRefresh = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Signs of life in the table. A silo that joins waits for each peer that gave one in the last three times of this, or
    /// answers: so this is what a restart of a whole cluster after a crash waits for.
    /// </summary>
    private static readonly TimeSpan s_signOfLife = TimeSpan.FromSeconds(2);

    private const int MissedSignsOfLife = 3;

    /// <summary>Joins the cluster of the server.</summary>
    public static void UseAdaptMembership(this ISiloBuilder silo, IConnectionMultiplexer connection, SiloEndpoints endpoints)
    {
        silo.UseRedisClustering(options =>
        {
            options.CreateMultiplexer = _ => RedisProviders.Shared(connection);
            options.ConfigurationOptions = ConfigurationOptions.Parse(connection.Configuration);
        });
        silo.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = ClusterIdentity.ClusterId;
            cluster.ServiceId = ClusterIdentity.ServiceId;
        });
        endpoints.Use(silo);
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = s_probeTimeout;
            membership.NumMissedProbesLimit = MissedProbes;
            membership.NumVotesForDeathDeclaration = Votes;
            membership.TableRefreshTimeout = s_tableRefresh;
            membership.IAmAliveTablePublishTimeout = s_signOfLife;
            membership.NumMissedTableIAmAliveLimit = MissedSignsOfLife;
        });
    }
}
