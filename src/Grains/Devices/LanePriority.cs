namespace AdaptCluster.Grains.Devices;

/// <summary>Who goes first when operations wait for the device.</summary>
public enum LanePriority
{
    /// <summary>Somebody waits for an answer that takes little time: small adaptations and predictions.</summary>
    Interactive = 0,

    /// <summary>A slice of long work, an epoch or one task's share of the fleet evidence, or an adaptation that takes long.</summary>
    Background = 1,
}
