namespace AdaptCluster.Grains.State;

/// <summary>The name under which a silo registers the store of all durable grain state.</summary>
public static class GrainStorage
{
    /// <summary>The provider's name.</summary>
    public const string Name = "adapt";
}
