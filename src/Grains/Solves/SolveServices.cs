using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using Microsoft.Extensions.Logging;

namespace AdaptCluster.Grains.Solves;

/// <summary>What a silo has for coordinators.</summary>
internal sealed record SolveServices(
    ShardServices Shards, ITensorStore Tensors, SiloDevices Devices, IGrainFactory Grains, AdaptInstruments Instruments, ILogger<SolveDriver> Logger);
