namespace AdaptCluster.Grains.Interfaces.Hosting;

/// <summary>What silos and clients call the cluster and the service; both sides must agree.</summary>
public static class ClusterIdentity
{
    /// <summary>Orleans' cluster id.</summary>
    public const string ClusterId = "adaptcluster";

    /// <summary>Orleans' service id, part of every stored key.</summary>
    public const string ServiceId = "adaptcluster";
}
