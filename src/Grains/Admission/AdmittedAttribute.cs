using Orleans.Placement;

namespace AdaptCluster.Grains.Admission;

/// <summary>Grains that a silo with too much to do does not activate: see <see cref="SiloLoad"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class AdmittedAttribute() : PlacementFilterAttribute(new AdmittedPlacement());

/// <summary>Marks those grains' placement.</summary>
internal sealed class AdmittedPlacement() : PlacementFilterStrategy(order: 0);
