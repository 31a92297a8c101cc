using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Grains.Tasks;

/// <summary>A small task as batches see it.</summary>
/// <param name="Key">Which task.</param>
/// <param name="Version">The version of its posterior that is made or used.</param>
/// <param name="Model">The source.</param>
/// <param name="Prior">The fleet's prior of that version, with its spread.</param>
/// <param name="PriorVersion">Which one that is.</param>
internal sealed record SmallTask(TaskKey Key, PosteriorKey Version, SourceModel Model, Prior Prior, int PriorVersion)
{
    /// <summary>What it has in common with those that it can be computed with.</summary>
    public LaneBatchKey BatchKey(bool isPrediction, LanePriority priority) =>
        new(Key.Tenant, Key.Source, Version.ModelHash, PriorVersion, isPrediction, priority);
}
