namespace AdaptCluster.Numerics.Planning;

/// <summary>A device that a plan may use.</summary>
/// <param name="Name">What it is called in a plan.</param>
/// <param name="SingleFlops">Floating-point operations per second of fp32 matrix products, positive.</param>
/// <param name="DoubleFlops">The same for fp64, positive.</param>
/// <param name="FreeBytes">Memory for solves that is free now.</param>
/// <param name="TotalBytes">Memory for solves in all.</param>
public sealed record PlanDevice(string Name, double SingleFlops, double DoubleFlops, long FreeBytes, long TotalBytes)
{
    /// <summary>Bytes per second from its memory. Default 20 GB/s, a desktop processor's.</summary>
    public double BytesPerSecond { get; init; } = 2e10;
}
