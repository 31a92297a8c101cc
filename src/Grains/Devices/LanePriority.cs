namespace AdaptCluster.Grains.Devices;

/// <summary>Who goes first when operations wait for the device.</summary>
public enum LanePriority
{
    /// <summary>Somebody waits for the answer: adaptation and prediction.</summary>
    Interactive = 0,

    /// <summary>A slice of long work: an epoch, one task's share of the fleet evidence.</summary>
    Background = 1,
}
