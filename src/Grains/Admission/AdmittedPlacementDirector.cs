using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace AdaptCluster.Grains.Admission;

/// <summary>Refuses a call before its grain is made, which costs most of what a small task's call costs.</summary>
internal sealed class AdmittedPlacementDirector(SiloLoad load) : IPlacementFilterDirector
{
    /// <exception cref="Interfaces.Errors.BusyException">There is too much to do.</exception>
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        load.RequireRoom();
        return silos;
    }
}
