using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>
/// The network of a fit on a silo's device, for all parts of the fit that are there: the lane's cache may let go of one between two slices. Only the lane's
/// thread sees it.
/// </summary>
internal sealed class SharedNetwork(SourceNetwork network) : IDisposable
{
    public SourceNetwork Network => network;

    /// <summary>How many parts have it.</summary>
    public int Users { get; set; }

    public void Dispose() => network.Dispose();
}
