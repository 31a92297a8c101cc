using System.Runtime.InteropServices;

namespace AdaptCluster.Grains.Devices;

/// <summary>Whose work an operation is, and how much: what the lane needs to be fair.</summary>
/// <param name="Tenant">The tenant; empty for the cluster's own work, which no tenant's bound holds back.</param>
/// <param name="Flops">About how many floating-point operations it has.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LaneShare(string Tenant, double Flops)
{
    /// <summary>Work of nobody in particular.</summary>
    public static LaneShare Own { get; } = new(string.Empty, 1e6);
}
