namespace AdaptCluster.Grains.Solves;

/// <summary>The keys of a solve's grains.</summary>
internal static class SolveKeys
{
    /// <summary>A coordinator's: the task's key and which solve.</summary>
    public static string Coordinator(string task, Guid solve) => $"{task}/{solve:N}";

    /// <summary>A shard's: its coordinator's key, which shard, and which of its placements.</summary>
    public static string Shard(string coordinator, int shard, int placement) => $"{coordinator}/{shard}/{placement}";
}
