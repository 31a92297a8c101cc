using AdaptCluster.Grains.Solves;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.Tensors;
using Microsoft.Extensions.Logging;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>What a silo has for fits of priors and their parts.</summary>
internal sealed record PriorFitServices(
    ShardServices Shards, StagedRows Rows, PriorStore Priors, ITensorStore Tensors, SiloDevices Devices, IGrainFactory Grains, ILogger<PriorFitDriver> Logger);
