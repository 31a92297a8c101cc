namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>A silo's device.</summary>
/// <param name="Silo">The silo, as its address is written.</param>
/// <param name="Device">The device: cpu, cuda:0.</param>
/// <param name="Threads">Threads inside one operation.</param>
/// <param name="FreeBytes">Memory for solves that is free now.</param>
/// <param name="TotalBytes">Memory for solves in all.</param>
/// <param name="SingleGigaflops">10^9 floating-point operations per second of fp32 products, measured once.</param>
/// <param name="DoubleGigaflops">The same for fp64.</param>
[GenerateSerializer, Immutable, Alias("adapt.SiloDeviceDescription")]
public sealed record SiloDeviceDescription(
    [property: Id(0)] string Silo,
    [property: Id(1)] string Device,
    [property: Id(2)] int Threads,
    [property: Id(3)] long FreeBytes,
    [property: Id(4)] long TotalBytes,
    [property: Id(5)] double SingleGigaflops,
    [property: Id(6)] double DoubleGigaflops);
